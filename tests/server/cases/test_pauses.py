"""Lawful stops of the clock: basis and notice, no longer than is told, half the promise where the law is silent."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from server import db
from server.errors import AppError, Conflict, InvalidInput
from server.features.cases import service as cases
from server.features.cases.service import PauseIn
from server.features.thread import service as thread
from server.kit.clock import SHANGHAI
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.cases import Applicant, office, submitted
from tests.factories.identity import staff
from tests.fixtures_web import Client

BASIS = "《食品安全法》第八十七条"
STEPS = [{"key": "review", "name": "审查", "who": "审批科", "days": 10, "what": "审查材料。"}]


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 10, tzinfo=SHANGHAI)


def wish(days: int, law_days: int | None = None, kind: str = "testing") -> PauseIn:
    return PauseIn(kind=kind, basis=BASIS, days=days, law_days=law_days)


async def accepted(client: Client, ports: Ports) -> Applicant:
    """Ten working days are promised, twenty are the law's."""
    who = await submitted(client, ports, await office(promise_days=10, legal_days=20, steps=STEPS))
    await cases.accept(who.office.clerk.actor, who.id)
    return who


async def due(who: Applicant) -> date:
    (running,) = [one for one in await thread.clocks(who.thread_id) if one.kind is thread.ClockKind.DECIDE]
    return running.promise_on


async def refusal(deed: object) -> str:
    with pytest.raises(AppError) as raised:
        await deed  # type: ignore[misc]
    return raised.value.code


async def test_the_days_stand_still_and_go_on(client: Client, ports: Ports, clock: Clock) -> None:
    """The vector of the reference: accepted 2 March, ten days, still after the 5th until the 18th, due the 27th."""
    clock.set(at(2026, 3, 2))
    who = await accepted(client, ports)
    reviewer = who.office.reviewer.actor
    assert await due(who) == date(2026, 3, 16)
    clock.set(at(2026, 3, 5))
    await cases.pause(reviewer, who.id, wish(20, law_days=30))
    matter = await who.screen()
    assert matter["notices"][-1]["kind"] == "pause"
    assert any("时限中止计算" in step["text"] for step in matter["steps"])
    assert (await who.phone.get(matter["notices"][-1]["url"])).body[:5] == b"%PDF-"
    clock.set(at(2026, 3, 17))
    (line,) = (await cases.worklist(reviewer, cases.Wanted(tab="decide", light="black"))).items
    assert line.light == "black"
    assert await refusal(cases.grant(reviewer, ports.signer, who.id, None)) == "cases.paused"
    assert await refusal(cases.pause(reviewer, who.id, wish(1))) == "cases.paused"
    clock.set(at(2026, 3, 18))
    await cases.resume(reviewer, who.id, "检测合格。")
    assert await due(who) == date(2026, 3, 27)
    assert await db.fetchval("SELECT promise_on FROM case_record WHERE id = $1", who.id) == date(2026, 3, 27)
    assert await refusal(cases.resume(reviewer, who.id, "再来")) == "cases.not_paused"
    kinds = await db.fetch("SELECT kind FROM inbox WHERE kind IN ('cases.paused', 'cases.resumed') ORDER BY id")
    assert [row["kind"] for row in kinds] == ["cases.paused", "cases.resumed"]


async def test_half_the_promise_where_the_law_is_silent(client: Client, ports: Ports, clock: Clock) -> None:
    clock.set(at(2026, 3, 2))
    who = await accepted(client, ports)
    reviewer = who.office.reviewer.actor
    assert await refusal(cases.pause(reviewer, who.id, wish(6))) == "cases.pause_too_long"
    await cases.pause(reviewer, who.id, wish(4))
    clock.set(at(2026, 3, 4))  # two of the four days are over
    await cases.resume(reviewer, who.id, "专家意见一致。")
    with pytest.raises(Conflict) as raised:
        await cases.pause(reviewer, who.id, wish(4, kind="expert_review"))
    assert (raised.value.code, raised.value.params) == ("cases.pause_too_long", {"left": 3})
    # What the law gives days for is not counted with them, and is no longer than the law says.
    with pytest.raises(InvalidInput):
        await cases.pause(reviewer, who.id, wish(31, law_days=30))
    await cases.pause(reviewer, who.id, wish(30, law_days=30))


@pytest.mark.parametrize("kind", ["", "holiday"])
async def test_only_what_the_law_names_stops_a_clock(client: Client, ports: Ports, kind: str) -> None:
    who = await accepted(client, ports)
    with pytest.raises(InvalidInput) as raised:
        await cases.pause(who.office.reviewer.actor, who.id, wish(1, kind=kind))
    assert [field.path for field in raised.value.fields] == ["kind"]
    assert await refusal(
        cases.pause(who.office.reviewer.actor, who.id, PauseIn(kind="testing", basis=" ", days=1))
    ) == "invalid_input"  # fmt: skip


async def test_it_never_lasts_longer_than_was_told(client: Client, ports: Ports, clock: Clock) -> None:
    clock.set(at(2026, 3, 2))
    who = await accepted(client, ports)
    await cases.pause(who.office.reviewer.actor, who.id, wish(3))
    clock.set(at(2026, 3, 5))
    assert await cases.resume_ended() == 0
    clock.set(at(2026, 3, 9))
    assert [await cases.resume_ended(), await cases.resume_ended()] == [1, 0]
    # Three working days were told: the clock goes on after the 5th, whenever somebody notices.
    assert await due(who) == date(2026, 3, 19)
    clock.set(at(2026, 3, 10))
    await cases.pause(who.office.reviewer.actor, who.id, wish(2))
    clock.set(at(2026, 3, 20))
    await cases.resume(who.office.reviewer.actor, who.id, "迟来的结果。")
    assert await due(who) == date(2026, 3, 23)


async def test_a_case_that_ends_while_it_stands_still_leaves_nothing_open(
    client: Client, ports: Ports, clock: Clock
) -> None:
    who = await accepted(client, ports)
    await cases.pause(who.office.reviewer.actor, who.id, wish(3))
    assert (await who.post("withdraw")).status == 200
    clock.advance(days=30)
    await cases.resume_ended()
    assert await db.fetchval("SELECT count(*) FROM pause WHERE until_on IS NULL") == 0
    assert await db.fetchval("SELECT count(*) FROM clock WHERE state <> 'stopped'") == 0
    assert await db.fetchval("SELECT paused_on FROM case_record WHERE id = $1", who.id) is None


async def test_one_extension_by_two_officers(client: Client, ports: Ports, clock: Clock) -> None:
    clock.set(at(2026, 3, 2))
    who = await accepted(client, ports)
    reviewer = who.office.reviewer.actor
    head = (await staff("reviewer", department=who.office.guide.department.id, name="孙局")).actor
    assert await refusal(cases.approve_extension(head, who.id)) == "cases.no_extension_asked"
    assert await refusal(cases.ask_extension(reviewer, who.id, 11, "情况复杂。")) == "invalid_input"
    await cases.ask_extension(reviewer, who.id, 5, "情况复杂，需要核实。")
    assert await due(who) == date(2026, 3, 16), "asked for is not approved"
    assert await refusal(cases.approve_extension(reviewer, who.id)) == "cases.own_extension"
    await cases.return_extension(head, who.id)
    await cases.ask_extension(reviewer, who.id, 4, "情况复杂，需要实地核实。")
    await cases.approve_extension(head, who.id)
    assert await due(who) == date(2026, 3, 20)
    assert (await who.screen())["notices"][-1]["kind"] == "extension"
    assert await refusal(cases.ask_extension(reviewer, who.id, 1, "还要")) == "cases.extended_once"
    asked = (await cases.view(reviewer, who.id)).review.extension
    assert asked is not None
    assert (asked.days, asked.approved_by) == (4, "孙局")


async def test_no_extension_once_the_law_has_passed(client: Client, ports: Ports, clock: Clock) -> None:
    clock.set(at(2026, 3, 2))
    who = await accepted(client, ports)
    clock.set(at(2026, 4, 20))
    reviewer = who.office.reviewer.actor
    assert await refusal(cases.ask_extension(reviewer, who.id, 5, "来不及。")) == "cases.too_late_to_extend"


async def test_the_handling_ends_with_its_basis_and_remedies(client: Client, ports: Ports) -> None:
    who = await accepted(client, ports)
    reviewer = who.office.reviewer.actor
    assert await refusal(cases.terminate(reviewer, who.id, " ")) == "invalid_input"
    await cases.terminate(reviewer, who.id, "《行政许可法》第七十条：申请事项已不存在。")
    matter = await who.screen()
    assert (matter["case"]["state"], matter["notices"][-1]["kind"]) == ("terminated", "termination")
    assert matter["state"] == "closed"
    assert await db.fetchval("SELECT count(*) FROM clock WHERE state <> 'stopped'") == 0
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'cases.terminated'") == 1


async def test_a_window_takes_back_what_the_applicant_no_longer_wants(client: Client, ports: Ports) -> None:
    who = await accepted(client, ports)
    await cases.take_back(who.office.clerk.actor, who.id, "本人到窗口要求撤回。")
    matter = await who.screen()
    assert (matter["case"]["state"], matter["notices"][-1]["kind"]) == ("withdrawn", "withdrawal")
    # Whoever did not ask for it hears of it.
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'cases.taken_back'") == 1
    again = await who.phone.post(
        "/api/v1/cases", json={"item_id": str(who.office.item_id)}, headers={"Idempotency-Key": "again-after-it"}
    )
    assert again.status == 201, again.text
