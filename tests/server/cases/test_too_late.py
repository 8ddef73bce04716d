"""Who comes too late is told who was faster and when, and writes nothing over."""

from __future__ import annotations

from typing import Any

import pytest

from server import db
from server.errors import AppError, Conflict
from server.features.cases import service as cases
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.cases import Applicant, office, submitted
from tests.factories.identity import staff
from tests.fixtures_web import Client


async def accepted(client: Client, ports: Ports) -> Applicant:
    who = await submitted(client, ports, await office())
    await cases.accept(who.office.clerk.actor, who.id)
    return who


def told(raised: pytest.ExceptionInfo[AppError]) -> tuple[str, dict[str, Any]]:
    return raised.value.code, raised.value.params


async def row(who: Applicant) -> list[Any]:
    found = await db.fetchrow("SELECT * FROM case_record WHERE id = $1", who.id)
    assert found is not None
    return list(found.values())


async def test_the_second_clerk_is_told_who_and_when(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    who = await submitted(client, ports, at)
    first = await staff("clerk", hall=at.hall.id, name="王敏")
    await cases.accept(first.actor, who.id)
    moment, before = f"{clocks.now().astimezone(clocks.SHANGHAI):%H:%M}", await row(who)
    with pytest.raises(Conflict) as raised:
        await cases.decline(at.reviewer.actor, who.id, "不属于本机关职权。")
    assert told(raised) == ("cases.moved_on", {"who": "王敏", "at": moment})
    assert await row(who) == before
    clock.advance(days=2)
    with pytest.raises(Conflict) as later:
        await cases.accept(at.clerk.actor, who.id)
    said = str(later.value.params["at"])
    assert "年" in said, "on another day the hour alone says nothing"
    assert moment in said


async def test_nothing_is_decided_twice(client: Client, ports: Ports) -> None:
    who = await accepted(client, ports)
    other = await staff("reviewer", department=who.office.guide.department.id, name="赵强")
    await cases.deny(other.actor, who.id, "不符合条件。")
    before, papers = await row(who), await db.fetchval("SELECT count(*) FROM notice")
    reviewer = who.office.reviewer.actor
    for deed in (cases.grant(reviewer, ports.signer, who.id, None), cases.deny(other.actor, who.id, "再次")):
        with pytest.raises(Conflict) as raised:
            await deed
        assert told(raised)[0] == "cases.already_decided"
        assert told(raised)[1]["who"] == "赵强"
    assert (await row(who), await db.fetchval("SELECT count(*) FROM notice")) == (before, papers)


async def test_what_the_applicant_did_is_said_as_such(client: Client, ports: Ports) -> None:
    who = await accepted(client, ports)
    assert (await who.post("withdraw")).status == 200
    with pytest.raises(Conflict) as raised:
        await cases.grant(who.office.reviewer.actor, ports.signer, who.id, None)
    assert told(raised)[0] == "cases.moved_by_itself"
    assert told(raised)[1]["state"] == "已撤回"


async def test_nobody_decides_on_what_has_changed_since_they_looked(client: Client, ports: Ports) -> None:
    """The page they have open shows a running clock; a colleague has stopped it and let it go on meanwhile."""
    who = await accepted(client, ports)
    reviewer = who.office.reviewer.actor
    seen = (await cases.view(reviewer, who.id)).case.version
    other = await staff("reviewer", department=who.office.guide.department.id, name="赵强")
    wish = cases.PauseIn(kind="testing", basis="《食品安全法》第八十七条", days=1)
    await cases.pause(other.actor, who.id, wish)
    await cases.resume(other.actor, who.id, "检测不合格。")
    with pytest.raises(Conflict) as raised:
        await cases.grant(reviewer, ports.signer, who.id, None, seen=seen)
    assert (told(raised)[0], told(raised)[1]["who"]) == ("cases.moved_on", "赵强")
    now = (await cases.view(reviewer, who.id)).case.version
    await cases.grant(reviewer, ports.signer, who.id, None, seen=now)


async def test_what_a_colleague_has_taken_up_is_theirs(client: Client, ports: Ports) -> None:
    who = await accepted(client, ports)
    reviewer = who.office.reviewer.actor
    other = await staff("reviewer", department=who.office.guide.department.id, name="赵强")
    await cases.claim(other.actor, who.id)
    assert (await who.screen())["case"]["state"] == "in_review"
    for deed in (
        cases.grant(reviewer, ports.signer, who.id, None),
        cases.claim(reviewer, who.id),
        cases.release(reviewer, who.id),
        cases.terminate(reviewer, who.id, "申请事项已不存在。"),
    ):
        with pytest.raises(Conflict) as raised:
            await deed
        assert (told(raised)[0], told(raised)[1]["who"]) == ("cases.claimed", "赵强")
    await cases.claim(reviewer, who.id, over="赵强休假，由我接手。")
    why = await db.fetchval("SELECT detail FROM audit_entry WHERE action = 'cases.claimed' ORDER BY created_at DESC")
    assert "接手" in str(why)
    await cases.release(reviewer, who.id)
    await cases.grant(other.actor, ports.signer, who.id, None)
