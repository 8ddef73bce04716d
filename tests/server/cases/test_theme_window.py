"""A theme (一件事) taken in at a window: written down as one, and a case of each item once it is accepted."""

from __future__ import annotations

from uuid import UUID

import pytest

from server import db
from server.errors import Conflict, InvalidInput
from server.features.cases import service as cases
from server.features.cases.schemas import CheckIn, CorrectionLine
from server.features.cases.service import WindowIn
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.cases import Office
from tests.factories.family import family
from tests.fixtures_web import Client
from tests.server.cases.test_window import code, seen, somebody
from tests.server.console.desk import at_desk, goes_to

ANSWERS = {"name": "赵长庚", "why": "新生儿", "bank": "农业银行"}


async def at_window(client: Client, ports: Ports, *, authorised: int = 3, old: str = "no") -> tuple[Office, UUID]:
    """Somebody without a phone at the window, for the theme that somebody else has begun on theirs."""
    at = (await family(client, ports, authorised=authorised)).who.office
    wish = WindowIn(item_id=at.item_id, hall_id=at.hall.id, person_id=await somebody(at), situation={"old": old})
    return at, await cases.receive(at.clerk.actor, wish)


async def parts(case_id: UUID) -> list[tuple[str, str, str]]:
    rows = await db.fetch(
        "SELECT part, state, channel FROM case_record WHERE parent_id = $1 ORDER BY created_at, id", case_id
    )
    return [(row["part"], row["state"], row["channel"]) for row in rows]


async def all_there(at: Office, case_id: UUID) -> None:
    """Everything is filled in, and every paper lies on the counter."""
    clerk = at.clerk.actor
    await cases.fill_in(clerk, case_id, ANSWERS)
    lines = [one.key for one in (await seen(clerk, case_id)).case.materials if one.exempt is None]
    await cases.check_materials(clerk, case_id, [CheckIn(key=line, verdict="received") for line in lines])


async def test_written_down_as_one_and_accepted_item_by_item(client: Client, ports: Ports) -> None:
    at, case_id = await at_window(client, ports)
    clerk = at.clerk.actor
    shown = await seen(clerk, case_id)
    assert (shown.channel, shown.case.state, shown.case.parts) == ("window", "submitted", [])
    assert {"fill_in", "check", "accept", "take_back"} <= set(shown.can)
    assert not {"ask_correction", "tolerate", "propose", "pre_review"} & set(shown.can)
    with pytest.raises(InvalidInput) as half:
        await cases.accept(clerk, case_id)
    assert "form.why" in [field.path for field in half.value.fields]
    await cases.fill_in(clerk, case_id, ANSWERS)
    with pytest.raises(InvalidInput) as bare:
        await cases.accept(clerk, case_id)
    assert code(bare) == "cases.materials_missing"
    assert await parts(case_id) == [], "nothing is begun of what cannot be accepted"
    await all_there(at, case_id)
    desk = at_desk(client, at.clerk)
    goes_to(await desk.does(f"/console/cases/{case_id}/accept"))
    assert [(state, channel) for _, state, channel in await parts(case_id)] == [("accepted", "window")] * 2
    assert (await seen(clerk, case_id)).case.state == "accepted"
    # Of each item there are its own papers and answers, and one notice.
    held = await db.fetch(
        "SELECT DISTINCT source FROM material JOIN case_record c ON c.id = case_id WHERE c.parent_id = $1", case_id
    )
    assert [row["source"] for row in held] == ["window"]
    assert await db.fetchval("SELECT count(*) FROM notice WHERE kind = 'acceptance'") == 2
    with pytest.raises(Conflict):
        await cases.accept(clerk, case_id)
    assert len(await parts(case_id)) == 2


async def test_the_tree_brings_in_the_third_item_at_the_window_too(client: Client, ports: Ports) -> None:
    at, case_id = await at_window(client, ports, old="yes")
    await all_there(at, case_id)
    await cases.accept(at.clerk.actor, case_id)
    assert len(await parts(case_id)) == 3


async def test_what_the_hall_may_not_accept_goes_to_its_department(client: Client, ports: Ports) -> None:
    at, case_id = await at_window(client, ports, authorised=1)
    await all_there(at, case_id)
    await cases.accept(at.clerk.actor, case_id)
    assert [state for _, state, _ in await parts(case_id)] == ["accepted", "submitted"]
    routed = await db.fetch("SELECT routed_at FROM case_record WHERE parent_id = $1 ORDER BY created_at, id", case_id)
    assert [row["routed_at"] is not None for row in routed] == [False, True]
    assert (await seen(at.clerk.actor, case_id)).case.state == "submitted", "one of its items still waits"


async def test_taken_back_at_the_window_before_anything_was_begun(client: Client, ports: Ports) -> None:
    at, case_id = await at_window(client, ports)
    with pytest.raises(Conflict) as by_item:
        await cases.ask_correction(at.clerk.actor, case_id, [CorrectionLine(key="photo", reason="模糊")])
    assert code(by_item) == "cases.theme_by_item"
    await cases.take_back(at.clerk.actor, case_id, "申请人改日再来。")
    assert (await seen(at.clerk.actor, case_id)).case.state == "withdrawn"
    assert await parts(case_id) == []
    assert await db.fetchval("SELECT count(*) FROM clock WHERE state = 'running'") == 0


async def test_silence_accepts_what_was_taken_in_at_a_window(client: Client, ports: Ports, clock: Clock) -> None:
    at, case_id = await at_window(client, ports)
    await all_there(at, case_id)
    clock.advance(days=20)
    assert await cases.deem_accepted() >= 1
    assert [state for _, state, _ in await parts(case_id)] == ["accepted", "accepted"]
    assert (await seen(at.clerk.actor, case_id)).case.state == "accepted"
