"""Looked at online, then the originals seen and accepted at the window in one deed (网上预审, row 54)."""

from __future__ import annotations

import asyncio
from datetime import datetime, time
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.errors import Conflict, InvalidInput, NotFound
from server.features.booking import service as booking
from server.features.cases import service as cases
from server.features.cases.schemas import CheckIn, CorrectionLine
from server.features.cases.tasks import TASKS
from server.features.catalogue import service as catalogue
from server.features.documents.models import Notice
from server.features.queue import service as queue
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import EVERY_DAY, Bookable, key
from tests.factories.cases import Applicant, office, submitted
from tests.factories.identity import staff
from tests.fixtures_web import Client
from tests.server.cases.test_window import CARD, PHOTO, code, received, seen
from tests.server.console.desk import at_desk, goes_to

DEED = PHOTO | {"key": "deed", "name": "原不动产权证书"}
FREE = CARD | {"key": "register", "name": "户口簿", "exempt": "公安人口信息库"}
BOTH = ["id_card", "deed"]
TORN = CorrectionLine(key="deed", reason="证书缺页，请补齐。")


async def applied(client: Client, ports: Ports, **guide: Any) -> Applicant:
    """Somebody has sent a picture of one paper; the other is on paper only."""
    return await submitted(client, ports, await office(materials=[CARD, DEED, FREE], pre_review=True, **guide))


async def state(who: Applicant) -> str:
    found: str = await db.fetchval("SELECT state FROM case_record WHERE id = $1", who.id)
    return found


async def originals(who: Applicant) -> dict[str, Any] | None:
    shown: dict[str, Any] | None = (await who.screen())["case"]["originals"]
    return shown


async def test_let_through_told_what_to_bring_and_accepted_in_one_deed(client: Client, ports: Ports) -> None:
    who = await applied(client, ports)
    clerk, at = who.office.clerk.actor, who.office
    before = await originals(who)
    assert before is not None
    assert ([line["key"] for line in before["lines"]], before["due_on"]) == (BOTH, None)
    assert {"pre_review", "accept"} & set((await seen(clerk, who.id)).can) == {"pre_review"}
    with pytest.raises(Conflict) as at_once:
        await cases.accept(clerk, who.id)
    assert code(at_once) == "cases.originals_first"
    desk, page = at_desk(client, at.clerk), f"/console/cases/{who.id}"
    assert goes_to(await desk.does(f"{page}/pre-review", {"days": "15"})) == page
    assert await state(who) == "pre_review"
    assert await db.fetchval("SELECT state FROM clock WHERE kind = 'receive'") == "stopped", "the office has answered"
    notice = await Notice.get(thread_id=who.thread_id)
    rows = dict(notice.facts["rows"])
    assert (notice.kind, rows["须核验的原件"]) == ("pre_reviewed", "居民身份证、原不动产权证书")
    assert at.hall.name in rows["核验地点"]
    assert (await who.phone.get((await who.screen())["notices"][-1]["url"])).body[:5] == b"%PDF-"
    shown = await originals(who)
    assert shown is not None
    assert (shown["hall"], shown["hall_id"], shown["bookable"]) == (at.hall.name, str(at.hall.id), True)
    assert shown["due_on"] == (await db.fetchval("SELECT due_on FROM pre_review")).isoformat()
    told = await db.fetchrow("SELECT kind, page FROM inbox ORDER BY created_at DESC LIMIT 1")
    assert told is not None
    assert (told["kind"], str(who.thread_id) in told["page"]) == ("cases.pre_reviewed", True)
    assert [one.id for one in (await cases.worklist(clerk, cases.Wanted(tab="originals"))).items] == [who.id]
    assert "原不动产权证书" in await desk.sees(page)
    for keys in ([], ["deed"], [*BOTH, "register"]):
        with pytest.raises(InvalidInput) as not_all:
            await cases.see_originals(clerk, who.id, keys)
        assert code(not_all) == "cases.originals_unseen"
    assert await state(who) == "pre_review"
    assert goes_to(await desk.does(f"{page}/originals", {"keys": BOTH})) == page
    assert await state(who) == "accepted"
    held = await db.fetch("SELECT rule_key, source FROM material WHERE case_id = $1 ORDER BY rule_key", who.id)
    assert [(row["rule_key"], row["source"]) for row in held] == [("deed", "window"), ("id_card", "upload")]
    names = [step["name"] for step in (await who.screen())["steps"]]
    assert names[-3:] == ["cases.pre_reviewed", "cases.original_seen", "cases.accepted"]
    assert await originals(who) is None
    await cases.grant(at.reviewer.actor, ports.signer, who.id, None)


async def test_what_does_not_pass_is_asked_for_all_at_once_and_looked_at_anew(client: Client, ports: Ports) -> None:
    who = await applied(client, ports)
    clerk = who.office.clerk.actor
    await cases.check_materials(clerk, who.id, [CheckIn(key="id_card", verdict="wrong", reason="照片模糊")])
    with pytest.raises(Conflict) as marked:
        await cases.pre_review(clerk, who.id)
    assert code(marked) == "cases.still_missing"
    outside = CorrectionLine(key="moon", reason="不在指南里")
    with pytest.raises(InvalidInput) as foreign:
        await cases.ask_correction(clerk, who.id, [outside])
    assert code(foreign) == "cases.correction_outside_guide"
    await cases.ask_correction(clerk, who.id, [CorrectionLine(key="reason", reason="请写明理由")])
    asked = (await who.screen())["case"]
    assert sorted(line["key"] for line in asked["correction"]["lines"]) == ["id_card", "reason"]
    who.case = asked
    again = await who.application(materials=[{"key": "id_card", "file_id": str((await who.picture("#112233")).id)}])
    assert (await who.post("submit", again)).status == 200
    await cases.pre_review(clerk, who.id)
    assert await state(who) == "pre_review"


async def test_an_original_that_differs_is_something_nobody_had_seen(client: Client, ports: Ports) -> None:
    who = await applied(client, ports)
    manager = await staff("hall_manager", hall=who.office.hall.id)
    await cases.ask_correction(who.office.clerk.actor, who.id, [CorrectionLine(key="reason", reason="请写明理由")])
    who.case = (await who.screen())["case"]
    assert (await who.post("submit", await who.application())).status == 200
    await cases.pre_review(manager.actor, who.id)
    with pytest.raises(Conflict) as window:
        await cases.ask_correction(who.office.clerk.actor, who.id, [TORN])
    assert code(window) == "cases.corrected_once"
    with pytest.raises(InvalidInput) as seen_before:
        await cases.ask_correction(manager.actor, who.id, [CorrectionLine(key="name", reason="不符")], why="原件不符")
    assert code(seen_before) == "cases.could_have_been_seen"
    await cases.ask_correction(manager.actor, who.id, [TORN], why="原件缺页，网上看不到")
    assert await state(who) == "correction_asked"


async def test_silence_accepts_and_nobody_is_kept_waiting(client: Client, ports: Ports, clock: Clock) -> None:
    who = await applied(client, ports)
    clock.advance(days=20)
    assert await cases.deem_accepted() == 1
    assert await state(who) == "accepted"


async def booked(who: Applicant, hall_id: UUID) -> dict[str, Any]:
    """They have booked the last time there is."""
    await booking.set_policy(hall_id, confirmation="auto")
    opens, closes = time(8, 30), time(17, 30)
    await booking.add_rule(hall_id, "general", weekdays=EVERY_DAY, opens=opens, closes=closes, minutes=30, capacity=2)
    await booking.release_slots()
    slots = await Bookable(hall=await catalogue.hall(hall_id), guide=who.office.guide).slots()
    wish = {"item_id": str(who.office.item_id), "slot_id": str(slots[-1].id)}
    made = await who.phone.post("/api/v1/bookings", json=wish, headers=key())
    assert made.status == 201, made.text
    found: dict[str, Any] = made.json
    assert found["thread_id"] == str(who.thread_id), "the time belongs to the application"
    return found


async def test_who_does_not_come_is_reminded_twice_and_ended(client: Client, ports: Ports, clock: Clock) -> None:
    who = await applied(client, ports)
    await cases.pre_review(who.office.clerk.actor, who.id, days=5)
    due_on = await db.fetchval("SELECT due_on FROM pre_review")
    reminder = next(task for task in TASKS if task.name == "cases.remind_of_originals")
    while clocks.today() <= due_on:
        assert await cases.end_unseen() == 0
        for _ in range(2):
            assert await reminder.run(ports) == 0, "a number would have it run again at once, all day"
        clock.advance(days=1)
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'cases.originals_due'") == 2
    assert await cases.end_unseen() == 1
    assert await cases.end_unseen() == 0
    assert await state(who) == "terminated"
    assert [row["kind"] for row in await db.fetch("SELECT kind FROM notice ORDER BY created_at")] == [
        "pre_reviewed",
        "unseen",
    ]
    assert await db.fetchval("SELECT state FROM thread WHERE id = $1", who.thread_id) == "closed"


async def test_who_has_booked_is_not_ended_before_they_come(client: Client, ports: Ports, clock: Clock) -> None:
    who = await applied(client, ports)
    await cases.pre_review(who.office.clerk.actor, who.id, days=5)
    visit = await booked(who, who.office.hall.id)
    due_on = await db.fetchval("SELECT due_on FROM pre_review")
    while clocks.today() <= due_on:
        await cases.remind_of_originals()
        clock.advance(days=1)
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'cases.originals_due'") == 0
    assert await cases.end_unseen() == 0
    assert (await who.phone.post(f"/api/v1/bookings/{visit['id']}/cancel", headers=key())).status == 200
    assert await cases.end_unseen() == 1


MORE_OF_THE_SAME = """
    WITH more AS (
        INSERT INTO case_record
        SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'thread_id', gen_random_uuid()))).*
        FROM case_record c, generate_series(1, 210) WHERE c.id = $1 RETURNING id)
    INSERT INTO pre_review
    SELECT (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'case_id', more.id))).*
    FROM pre_review p, more WHERE p.case_id = $1
"""


async def test_however_many_are_expected_nobody_waits_behind_them(
    client: Client, ports: Ports, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = await applied(client, ports)
    await cases.pre_review(who.office.clerk.actor, who.id, days=5)
    async with db.tx() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(MORE_OF_THE_SAME, who.id)
    behind = await submitted(client, ports, who.office)
    await cases.pre_review(who.office.clerk.actor, behind.id, days=6)
    clock.advance(days=20)

    async def expected(thread_id: UUID) -> bool:
        return thread_id != behind.thread_id

    monkeypatch.setattr(booking, "has_live", expected)
    assert await db.fetchval("SELECT count(*) FROM pre_review WHERE closed_at IS NULL") == 212
    assert await cases.end_unseen() == 1
    assert await state(behind) == "terminated"


async def test_the_case_comes_along_to_the_hall_they_come_to(client: Client, ports: Ports, clock: Clock) -> None:
    town = await make.hall("town", name="江口镇便民服务中心")
    who = await applied(client, ports, hall_keys=["county", "town"])
    await cases.pre_review(who.office.clerk.actor, who.id)
    there = await staff("clerk", hall=town.id)
    with pytest.raises(NotFound):
        await cases.view(there.actor, who.id)
    visit = await booked(who, town.id)
    clock.set(datetime.fromisoformat(visit["starts_at"]))
    await queue.check_in_at_desk(there.actor, UUID(visit["id"]))
    await cases.see_originals(there.actor, who.id, BOTH)
    assert await state(who) == "accepted"


async def test_two_windows_accept_once(client: Client, ports: Ports) -> None:
    who = await applied(client, ports)
    await cases.pre_review(who.office.clerk.actor, who.id)
    other = await staff("clerk", hall=who.office.hall.id)
    deeds = [cases.see_originals(one, who.id, BOTH) for one in (who.office.clerk.actor, other.actor)]
    came = await asyncio.gather(*deeds, return_exceptions=True)
    assert sorted(type(one).__name__ for one in came) == ["Conflict", "NoneType"]
    assert await db.fetchval("SELECT count(*) FROM notice WHERE kind = 'acceptance'") == 1
    assert await db.fetchval("SELECT count(*) FROM clock WHERE kind = 'decide'") == 1


async def test_at_a_window_and_without_originals_there_is_nothing_to_pre_review(client: Client, ports: Ports) -> None:
    at = await office(materials=[CARD], pre_review=True)
    case_id = await received(at)
    with pytest.raises(Conflict) as here:
        await cases.pre_review(at.clerk.actor, case_id)
    assert code(here) == "cases.no_originals"
    plain = await submitted(client, ports, await office(materials=[CARD]))
    with pytest.raises(Conflict) as unasked:
        await cases.pre_review(plain.office.clerk.actor, plain.id)
    assert code(unasked) == "cases.no_originals"
    await cases.accept(plain.office.clerk.actor, plain.id)
