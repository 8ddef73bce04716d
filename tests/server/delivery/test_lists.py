"""From the department to the window by list: both sign, every result is counted, and what is missing stays behind."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from server import db
from server.errors import AppError, Conflict, Forbidden, InvalidInput, NotFound
from server.features.delivery import service as delivery
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.booking import key
from tests.factories.cases import ON_THE_SPOT, Applicant, Office, granted, office
from tests.factories.identity import AsStaff
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk, goes_to


async def begun(at: Office) -> UUID:
    return await delivery.begin_list(at.reviewer.actor, at.guide.department.id, at.hall.id)


async def states() -> list[tuple[str, str | None]]:
    rows = await db.fetch("SELECT state, shelf FROM delivery ORDER BY created_at")
    return [(row["state"], row["shelf"]) for row in rows]


async def kinds(who: Applicant) -> list[str]:
    return [one["kind"] for one in (await who.phone.get("/api/v1/inbox")).json["items"]]


async def refused(deed: object) -> str:
    with pytest.raises(AppError) as why:
        await deed  # type: ignore[misc]
    return why.value.code


async def test_both_sign_and_only_then_it_is_ready(client: Client, ports: Ports) -> None:
    at = await office()
    here, lost = await granted(client, ports, at), await granted(client, ports, at)
    giver, taker = at.reviewer.actor, at.clerk.actor
    assert [one.number for one in await delivery.made(giver)] == [here.case["number"], lost.case["number"]]
    list_id = await begun(at)
    assert await begun(at) == list_id, "one is open already"
    assert await refused(delivery.give(giver, list_id)) == "delivery.list_empty"
    await delivery.scan_on(giver, list_id, f" {here.case['number'][:6]} {here.case['number'][6:]}")
    on_the_label = f"https://one.example/#/features/thread/pages/track?number={lost.case['number']}"
    await delivery.scan_on(giver, list_id, on_the_label)
    assert await delivery.made(giver) == []
    assert await refused(delivery.count(taker, list_id, here.case["number"], "A-01")) == "delivery.list_closed"
    await delivery.give(giver, list_id)
    assert await delivery.to_count(taker) == 1
    assert await refused(delivery.scan_on(giver, list_id, here.case["number"])) == "delivery.list_closed"
    with pytest.raises(InvalidInput, match="shelf_missing"):
        await delivery.count(taker, list_id, here.case["number"], " ")
    await delivery.count(taker, list_id, here.case["number"], "A-01")
    assert await states() == [("preparing", None)] * 2, "nothing is out before both have signed"
    assert "delivery.ready_to_collect" not in await kinds(here)
    assert await delivery.receive(taker, list_id) == (1, 1)
    assert await states() == [("ready_to_collect", "A-01"), ("preparing", None)]
    assert "delivery.ready_to_collect" in await kinds(here)
    assert "delivery.ready_to_collect" not in await kinds(lost)
    assert [one.number for one in await delivery.made(giver)] == [lost.case["number"]], "it stays with the giver"
    shown = await delivery.list_view(taker, list_id)
    assert (shown.head.missing, [line.state for line in shown.lines]) == (1, ["received", "missing"])
    assert None not in (shown.head.given_by, shown.head.counted_by)
    again = await begun(at)
    await delivery.scan_on(giver, again, lost.case["number"])


async def test_what_does_not_belong_on_a_list(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at = await office()
    who = await granted(client, ports, at)
    giver = at.reviewer.actor
    town = await make.hall("town", region_code="341226100")
    wrong = await delivery.begin_list(giver, at.guide.department.id, town.id)
    assert await refused(delivery.scan_on(giver, wrong, who.case["number"])) == "delivery.other_hall"
    list_id = await begun(at)
    for number in ("", "3412262611220000000", who.case["number"][:-1]):
        assert await refused(delivery.scan_on(giver, list_id, number)) == "delivery.code_not_here"
    await delivery.scan_on(giver, list_id, who.case["number"])
    assert await refused(delivery.scan_on(giver, list_id, who.case["number"])) == "delivery.on_a_list"
    stranger = (await as_staff("clerk", hall=town.id)).actor
    with pytest.raises(NotFound):
        await delivery.list_view(stranger, list_id)
    with pytest.raises(Forbidden):
        await delivery.scan_on(at.clerk.actor, list_id, who.case["number"])
    with pytest.raises(Forbidden):
        await delivery.begin_list(at.clerk.actor, at.guide.department.id, at.hall.id)
    turned = await who.phone.put(f"/api/v1/threads/{who.thread_id}/delivery", json={"method": "counter"}, headers=key())
    assert turned.json["code"] == "delivery.handed_on", "it is on its way to the window"


async def test_what_the_window_makes_is_on_no_list(client: Client, ports: Ports) -> None:
    at = await office(**ON_THE_SPOT)
    who = await granted(client, ports, at)
    assert await delivery.made(at.reviewer.actor) == []
    assert await refused(delivery.scan_on(at.reviewer.actor, await begun(at), who.case["number"])) == (
        "delivery.code_not_here"
    )
    row = (await delivery.to_make_ready(at.clerk.actor))[0]
    await delivery.ready(at.clerk.actor, row.id, "B-02")
    assert await states() == [("ready_to_collect", "B-02")]


async def test_what_a_department_makes_is_not_made_up_at_the_window(client: Client, ports: Ports) -> None:
    at = await office()
    await granted(client, ports, at)
    assert await delivery.to_make_ready(at.clerk.actor) == []
    row = await db.fetchval("SELECT id FROM delivery")
    with pytest.raises(Conflict, match="by_list"):
        await delivery.ready(at.clerk.actor, row, "A-01")


async def two_lists(client: Client, ports: Ports) -> list[object]:
    """Scan one result onto two open lists at once, by two desks whose lists stand side by side."""
    at = await office()
    who = await granted(client, ports, at)
    first = await begun(at)
    await db.execute(
        "INSERT INTO handover_list (id, created_at, number, department_id, hall_id, state, opened_by)"
        " SELECT gen_random_uuid(), created_at, nextval('handover_number'), department_id, hall_id, 'open', opened_by"
        " FROM handover_list WHERE id = $1",
        first,
    )
    both = [row["id"] for row in await db.fetch("SELECT id FROM handover_list ORDER BY number")]
    scans = (delivery.scan_on(at.reviewer.actor, one, who.case["number"]) for one in both)
    return list(await asyncio.gather(*scans, return_exceptions=True))


async def test_a_result_is_on_one_open_list_only(client: Client, ports: Ports) -> None:
    said = await two_lists(client, ports)
    assert sorted(getattr(one, "code", "on it") for one in said) == ["delivery.on_a_list", "on it"]


async def test_without_the_constraint_it_would_be_on_two(client: Client, ports: Ports) -> None:
    key_of = await db.fetchval("SELECT indexdef FROM pg_indexes WHERE indexname = 'handover_line_open_key'")
    await db.execute("DROP INDEX handover_line_open_key")
    try:
        assert await two_lists(client, ports) == [None, None]
    finally:
        await db.execute("DELETE FROM handover_line")
        await db.execute(key_of)


async def test_giver_and_receiver_are_two(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at = await office()
    who = await granted(client, ports, at)
    list_id = await begun(at)
    await delivery.scan_on(at.reviewer.actor, list_id, who.case["number"])
    await delivery.give(at.reviewer.actor, list_id)
    await db.execute("UPDATE handover_list SET given_by = $1", at.clerk.actor.staff_id)
    assert await refused(delivery.receive(at.clerk.actor, list_id)) == "delivery.own_list"
    other = (await as_staff("clerk", hall=at.hall.id)).actor
    assert await delivery.receive(other, list_id) == (0, 1)


async def test_the_lists_at_the_desk(client: Client, ports: Ports) -> None:
    at = await office()
    who = await granted(client, ports, at)
    giver, taker = at_desk(client, at.reviewer), at_desk(client, at.clerk)
    page = await giver.sees("/console/handovers")
    assert who.case["number"] in page
    way = {"way": f"{at.guide.department.id}:{at.hall.id}"}
    here = goes_to(await giver.does("/console/handovers", way))
    assert (await giver.refused(f"{here}/scan", {"code": "1"})).status == 404
    goes_to(await giver.does(f"{here}/scan", {"code": who.case["number"]}))
    goes_to(await giver.does(f"{here}/give"))
    goes_to(await taker.does(f"{here}/count", {"code": who.case["number"], "shelf": "C-07"}))
    goes_to(await taker.does(f"{here}/receive"))
    assert "C-07" in await taker.sees(here)
    table = await taker.browser.get("/console/handovers/export.csv?state=counted")
    assert table.body.decode("utf-8-sig").splitlines()[1].split(",")[4:6] == ["1", "0"]
    assert "没有符合条件" in await taker.sees("/console/handovers", q="登月")
