"""The department is told how its results ended; what came back begins again at the desk; lists turn whole pages."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from server import db
from server.features.catalogue import service as catalogue
from server.features.delivery import service as delivery
from server.features.delivery.service import _counter, _listing, _uncollected
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.cases import SIGNED, granted, office, ready
from tests.factories.identity import AsStaff
from tests.factories.parcels import to_send
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk, goes_to
from tests.server.delivery.test_lists import refused

WAYBILL = "EA123456789CN"


async def test_the_department_is_told_how_it_ended(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at = await office()
    giver, clerk = at.reviewer.actor, at.clerk.actor
    _, code = await ready(client, ports, at)
    assert (await delivery.news(giver), (await (await delivery.delivered(giver)).page()).items) == (0, [])
    await delivery.hand_over(clerk, code, identity_checked=True, signature=SIGNED)
    _, row = await to_send(client, ports, at)
    await delivery.post(clerk, row, WAYBILL)
    await delivery.heard(clerk, WAYBILL, "lost")
    told = (await (await delivery.delivered(giver, fresh=True)).page()).items
    assert [(one.how, one.good, one.waybill) for one in told] == [
        ("邮寄丢失，需重新制作", False, WAYBILL),
        ("本人在窗口签收", True, None),
    ]
    assert (await delivery.news(giver), await delivery.news(clerk)) == (2, 0)
    other = await catalogue.upsert_department(make.TESTER, "water", "颍上县水利局", region_code=make.COUNTY)
    stranger = (await as_staff("reviewer", department=other.id)).actor
    assert (await (await delivery.delivered(stranger)).page()).items == []
    assert await delivery.note_delivered(stranger, clocks.now()) == 0
    assert await delivery.note_delivered(giver, clocks.now()) == 2
    assert (await delivery.news(giver), len((await (await delivery.delivered(giver)).page()).items)) == (0, 2)


async def test_at_the_desk_of_the_department(client: Client, ports: Ports) -> None:
    at = await office()
    who, code = await ready(client, ports, at)
    desk = at_desk(client, at.reviewer)
    looked = clocks.now().isoformat()
    await delivery.hand_over(at.clerk.actor, code, identity_checked=True, signature=SIGNED)
    assert who.case["number"] in await desk.sees("/console/delivered")
    goes_to(await desk.does("/console/delivered/noted", {"until": looked}))
    assert who.case["number"] in await desk.sees("/console/delivered"), "it ended after they had looked"
    goes_to(await desk.does("/console/delivered/noted", {"until": clocks.now().isoformat()}))
    assert who.case["number"] not in await desk.sees("/console/delivered")
    assert who.case["number"] in await desk.sees("/console/delivered", list="all")


async def test_what_came_back_begins_again_at_the_desk(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    who, old = await ready(client, ports, at)
    clerk = at.clerk.actor
    assert await delivery.came_back(clerk) == []
    clock.advance(days=31)
    await delivery.return_uncollected()
    (back,) = await delivery.came_back(clerk)
    await delivery.begin_again(clerk, back.id)
    assert await refused(delivery.begin_again(clerk, back.id)) == "delivery.wrong_state"
    assert [one.number for one in await delivery.made(at.reviewer.actor)] == [who.case["number"]]
    assert await refused(delivery.find(clerk, old)) == "delivery.code_unknown"
    assert await db.fetchval("SELECT ended_at FROM delivery") is None


async def test_what_was_taken_back_hides_nothing_that_came_back(
    client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await office()
    monkeypatch.setattr(_counter, "SHOWN", 2)
    first = await granted(client, ports, at)
    for _ in range(3):
        who = await granted(client, ports, at)
        await db.execute("UPDATE case_record SET state = 'terminated' WHERE thread_id = $1", who.thread_id)
    await db.execute("UPDATE delivery SET state = 'returned', ended_at = created_at")
    assert [one.number for one in await delivery.came_back(at.clerk.actor)] == [first.case["number"]]


async def test_the_shelf_is_searched_and_turned_as_a_whole(client: Client, ports: Ports) -> None:
    at = await office()
    whose = [(await ready(client, ports, at))[0] for _ in range(3)]
    for turn, who in enumerate(whose):
        await db.execute("UPDATE delivery SET shelf = $2 WHERE thread_id = $1", who.thread_id, f"Z-{9 - turn}")
    clerk = at.clerk.actor

    shelf = await delivery.on_shelf(clerk)

    async def seen(**asked: Any) -> list[str]:
        return [one.number for one in (await shelf.page(db.Sought(**asked))).items]

    numbers = [who.case["number"] for who in whose]
    first = await shelf.page(db.Sought(limit=2))
    assert [one.number for one in first.items] + await seen(limit=2, cursor=first.next) == numbers
    assert await seen(sort="shelf") == numbers[::-1]
    assert (await seen(q="Z-8", limit=1), await shelf.count("Z-8")) == ([numbers[1]], 1)
    assert (await delivery.counts(clerk), await seen(q="%")) == ((0, 3), [])
    page = await at_desk(client, at.clerk).sees("/console/results", q=numbers[2])
    assert numbers[2] in page
    assert numbers[0] not in page


async def test_from_the_post_it_lies_at_the_window(client: Client, ports: Ports) -> None:
    at = await office()
    who, row = await to_send(client, ports, at)
    clerk = at.clerk.actor
    await delivery.post(clerk, row, WAYBILL)
    await delivery.heard(clerk, WAYBILL, "returned")
    desk = at_desk(client, at.clerk)
    assert who.case["number"] in await desk.sees("/console/results")
    goes_to(await desk.does(f"/console/results/{row}/again", {}))
    await delivery.ready(clerk, row, "A-02")
    shown = (await who.screen())["delivery"]
    assert (shown["method"], shown["state"], len(shown["pickup_code"])) == ("counter", "ready_to_collect", 8)


async def test_what_was_taken_back_does_not_begin_again(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at = await office()
    await granted(client, ports, at)
    row = await db.fetchval("UPDATE delivery SET state = 'returned', ended_at = now() RETURNING id")
    hall = await make.hall("town", region_code="341226100")
    town = (await as_staff("clerk", hall=hall.id)).actor
    assert await refused(delivery.begin_again(town, row)) == "not_found"
    await db.execute("UPDATE case_record SET state = 'terminated'")
    assert await delivery.came_back(at.clerk.actor) == []
    assert await refused(delivery.begin_again(at.clerk.actor, row)) == "cases.wrong_state"


async def test_lists_turn_whole_pages(client: Client, ports: Ports) -> None:
    at = await office()
    giver = at.reviewer.actor
    whose = [await granted(client, ports, at) for _ in range(3)]
    for who in whose[:2]:
        list_id = await delivery.begin_list(giver, at.guide.department.id, at.hall.id)
        await delivery.scan_on(giver, list_id, who.case["number"])
        await delivery.give(giver, list_id)
    first = await delivery.lists(giver, limit=1)
    second = await delivery.lists(giver, limit=1, cursor=first.next)
    newest, oldest = (one.number for one in first.items + second.items)
    assert (newest - oldest, second.next) == (1, None)
    assert [one.number for one in (await delivery.lists(giver, q=str(oldest))).items] == [oldest]
    assert (await delivery.lists(giver, q="没有")).items == []
    assert await delivery.ways(giver) == (1, {(at.guide.department.id, at.hall.id): at.hall.name})


async def test_what_is_on_a_list_hides_nothing_that_is_not(
    client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await office()
    giver = at.reviewer.actor
    whose = [await granted(client, ports, at) for _ in range(3)]
    list_id = await delivery.begin_list(giver, at.guide.department.id, at.hall.id)
    for who in whose[:2]:
        await delivery.scan_on(giver, list_id, who.case["number"])
    monkeypatch.setattr(_listing, "SHOWN", 2)
    assert [one.number for one in await delivery.made(giver)] == [whose[2].case["number"]]


async def test_one_that_is_not_due_hides_none_that_is(
    client: Client, ports: Ports, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await office()
    monkeypatch.setattr(_uncollected, "BATCH", 1)
    for _ in range(3):
        await ready(client, ports, at)
    clock.advance(days=31)
    rounds = 0
    while await delivery.return_uncollected():
        rounds += 1
    assert rounds == 3


async def test_tables_run_no_formula_and_are_on_record(client: Client, ports: Ports) -> None:
    at = await office()
    who, row = await to_send(client, ports, at)
    await delivery.post(at.clerk.actor, row, WAYBILL)
    await db.execute("UPDATE thread SET title = '=1+1'")
    await db.execute("UPDATE hall SET name = '=2+2'")
    desk = at_desk(client, at.clerk)
    for path, action in (("parcels", "delivery.ledger_exported"), ("handovers", "delivery.lists_exported")):
        table = await desk.browser.get(f"/console/{path}/export.csv")
        assert table.headers["cache-control"] == "private, no-store"
        lines = list(csv.reader(io.StringIO(table.body.decode("utf-8-sig"))))
        cells = [cell for line in lines for cell in line]
        assert any(cell.startswith("'=") for cell in cells)
        assert not any(cell.startswith("=") for cell in cells)
        taken = await db.fetch("SELECT (detail->>'lines')::int AS lines FROM audit_entry WHERE action = $1", action)
        assert [row["lines"] for row in taken] == [len(lines) - 1]
    assert who.case["number"] in (await desk.browser.get("/console/parcels/export.csv")).body.decode()


async def test_what_was_delivered_is_a_table_too(client: Client, ports: Ports) -> None:
    at = await office()
    who, code = await ready(client, ports, at)
    await delivery.hand_over(at.clerk.actor, code, identity_checked=True, signature=SIGNED)
    await db.execute("UPDATE thread SET title = '=1+1'")
    answer = await at_desk(client, at.reviewer).browser.get("/console/delivered/export", params={"list": "all"})
    assert answer.headers["cache-control"] == "private, no-store"
    head, line = csv.reader(io.StringIO(answer.body.decode("utf-8-sig")))
    assert line[:2] == [who.case["number"], "'=1+1"]
    assert (len(head), who.someone.name in line) == (7, False)
    exported = "SELECT count(*) FROM audit_entry WHERE action = 'delivery.delivered_exported'"
    assert await db.fetchval(exported) == 1
    clerk = at_desk(client, at.clerk)
    assert (await clerk.browser.get("/console/delivered/export")).status == 403
