"""Departments asked beside each other, and how their answers are joined."""

from __future__ import annotations

from collections.abc import Awaitable
from uuid import UUID

import pytest

from server.errors import AppError, NotFound
from server.features.cases import service as cases
from server.features.cases.service import OpinionIn
from server.features.supervision import service as supervision
from server.features.supervision.service import Chosen
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.cases import Applicant, office, submitted
from tests.factories.identity import SomeStaff, staff
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk

QUESTION = "是否符合消防要求？"


async def accepted(client: Client, ports: Ports) -> Applicant:
    who = await submitted(client, ports, await office())
    await cases.accept(who.office.clerk.actor, who.id)
    return who


async def asked(who: Applicant, key: str, *, needed: bool) -> SomeStaff:
    """Ask a department; gives somebody who answers for it."""
    department = await make.department(key)
    wish = OpinionIn(department_id=department.id, question=QUESTION, days=2, needed=needed)
    await cases.ask_opinion(who.office.reviewer.actor, who.id, wish)
    return await staff("reviewer", department=department.id, name=f"{key}科")


async def test_what_is_asked_is_seen_at_once_by_whoever_is_asked(client: Client, ports: Ports) -> None:
    """Counted on the first page and named on every list of the work list, not only where they decide."""
    who = await accepted(client, ports)
    fire = await asked(who, "fire", needed=True)
    assert await cases.asked_counts(fire.actor) == (1, 0)
    assert await cases.asked_counts(who.office.reviewer.actor) == (0, 0)
    desk = at_desk(client, fire)
    assert '<a class="tile asks" href="/console/cases?list=decide"><strong>1</strong>' in await desk.sees("/console")
    for listed in ("decide", "done"):
        assert f"/console/cases/{who.id}" in await desk.sees("/console/cases", list=listed)
    await cases.answer_opinion(fire.actor, who.id, agrees=True, answer="符合要求。")
    assert await cases.asked_counts(fire.actor) == (0, 0)


async def refusal(deed: Awaitable[object]) -> str:
    with pytest.raises(AppError) as raised:
        await deed
    return raised.value.code


@pytest.mark.parametrize(
    ("needed", "others", "code"),
    [
        ([True], [], None),
        ([False], [], "cases.opinion_against"),
        ([True, True], [], None),
        ([True, False], [], "cases.opinion_against"),
        ([], [True, False], None),
        ([], [False, False], "cases.opinion_against"),
        ([True], [False], "cases.opinion_against"),
        ([True], [False, True], None),
        ([False], [True], "cases.opinion_against"),
    ],
)
async def test_how_the_answers_are_joined(
    client: Client, ports: Ports, needed: list[bool], others: list[bool], code: str | None
) -> None:
    """Of those whose yes is needed all agree; of the others one."""
    who = await accepted(client, ports)
    answers = [(True, yes) for yes in needed] + [(False, yes) for yes in others]
    waiting = [(await asked(who, f"asked{place}", needed=must), yes) for place, (must, yes) in enumerate(answers)]
    grant = cases.grant
    for officer, yes in waiting:
        assert await refusal(grant(who.office.reviewer.actor, ports.signer, who.id, None)) == "cases.opinions_open"
        await cases.answer_opinion(officer.actor, who.id, agrees=yes, answer="现场符合要求。")
    decided = grant(who.office.reviewer.actor, ports.signer, who.id, None)
    if code is None:
        await decided
        assert (await who.screen())["case"]["state"] == "granted"
    else:
        assert await refusal(decided) == code
        # A no is never held up by others.
        await cases.deny(who.office.reviewer.actor, who.id, "有关部门不同意。")


async def test_who_is_asked_reads_the_case_and_does_nothing_else(client: Client, ports: Ports) -> None:
    who = await accepted(client, ports)
    stranger = await staff("reviewer", department=(await make.department("fire")).id)
    with pytest.raises(NotFound):
        await cases.view(stranger.actor, who.id)
    fire = await asked(who, "fire", needed=True)
    seen = await cases.view(fire.actor, who.id)
    assert seen.can == ["answer_opinion"]
    assert [task.case_id for task in await cases.tasks_for(fire.actor)] == [who.id]
    for deed in (
        cases.grant(fire.actor, ports.signer, who.id, None),
        cases.claim(fire.actor, who.id),
        cases.recall_opinion(fire.actor, who.id, seen.review.tasks[0].id),
    ):
        with pytest.raises(NotFound):
            await deed
    await cases.answer_opinion(fire.actor, who.id, agrees=True, answer="符合。")
    assert await refusal(cases.answer_opinion(fire.actor, who.id, agrees=False, answer="改主意了。")) == (
        "cases.no_opinion_asked"
    )
    assert await cases.tasks_for(fire.actor) == []


async def test_a_question_taken_back_holds_nothing_up(client: Client, ports: Ports) -> None:
    who = await accepted(client, ports)
    reviewer = who.office.reviewer.actor
    fire = await asked(who, "fire", needed=True)
    (task,) = (await cases.view(reviewer, who.id)).review.tasks
    await cases.recall_opinion(reviewer, who.id, task.id)
    with pytest.raises(NotFound):
        await cases.view(fire.actor, who.id)
    assert await refusal(cases.recall_opinion(reviewer, who.id, task.id)) == "cases.no_opinion_asked"
    await cases.grant(reviewer, ports.signer, who.id, None)


async def test_of_a_case_that_has_ended_no_opinion_is_owed(client: Client, ports: Ports, clock: Clock) -> None:
    """Nobody can give it any more: it must not stand red on anybody's list for ever."""
    who = await accepted(client, ports)
    fire = await asked(who, "fire", needed=True)
    assert (await supervision.board(fire.actor, Chosen())).kinds["opinions"].open == 1
    await cases.deny(who.office.reviewer.actor, who.id, "不符合条件。")
    clock.advance(days=9)
    assert await cases.asked_counts(fire.actor) == (0, 0)
    assert await cases.tasks_for(fire.actor) == []
    assert (await supervision.board(fire.actor, Chosen())).kinds["opinions"].open == 0


async def test_what_cannot_be_asked(client: Client, ports: Ports) -> None:
    who = await accepted(client, ports)
    reviewer = who.office.reviewer.actor
    fire = (await make.department("fire")).id

    def ask(department: UUID, days: int = 2) -> Awaitable[None]:
        wish = OpinionIn(department_id=department, question=QUESTION, days=days, needed=True)
        return cases.ask_opinion(reviewer, who.id, wish)

    assert await refusal(ask(who.id)) == "invalid_input"
    assert await refusal(ask(who.office.guide.department.id)) == "cases.opinion_of_oneself"
    assert await refusal(ask(fire, days=60)) == "cases.opinion_too_late"
    await ask(fire)
    assert await refusal(ask(fire)) == "cases.opinion_asked_already"


async def test_nobody_answers_their_own_question(client: Client, ports: Ports) -> None:
    """Somebody whose grant covers the county reaches both departments, and is still one person."""
    who = await accepted(client, ports)
    everywhere = (await staff("reviewer")).actor
    fire = await make.department("fire")
    await cases.ask_opinion(
        everywhere, who.id, OpinionIn(department_id=fire.id, question=QUESTION, days=2, needed=True)
    )
    assert "answer_opinion" not in (await cases.view(everywhere, who.id)).can
    assert await refusal(cases.answer_opinion(everywhere, who.id, agrees=True, answer="同意。")) == "cases.own_question"


async def test_asked_and_answered_on_the_page(client: Client, ports: Ports) -> None:
    who = await accepted(client, ports)
    path = f"/console/cases/{who.id}"
    fire = await make.department("fire")
    lead = at_desk(client, who.office.reviewer)
    wish = {"department": str(fire.id), "question": QUESTION, "days": "2", "needed": "true"}
    assert (await lead.does(f"{path}/ask-opinion", wish)).status == 303
    other = at_desk(client, await staff("reviewer", department=fire.id))
    assert path in await other.sees("/console/cases")
    assert QUESTION in await other.sees(path)
    given = await other.does(f"{path}/answer-opinion", {"agrees": "false", "answer": "通道被堵。"})
    assert given.status == 303
    assert "通道被堵。" in await lead.sees(path)


async def test_a_case_that_has_ended_asks_nobody_any_more(client: Client, ports: Ports) -> None:
    who = await accepted(client, ports)
    fire = await asked(who, "fire", needed=True)
    assert (await cases.asked_counts(fire.actor), len(await cases.tasks_for(fire.actor))) == ((1, 0), 1)
    await cases.terminate(who.office.reviewer.actor, who.id, "申请事项已不存在。")
    assert (await cases.asked_counts(fire.actor), await cases.tasks_for(fire.actor)) == ((0, 0), [])
