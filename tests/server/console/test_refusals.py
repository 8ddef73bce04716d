"""What is refused leaves the browser where it was, and what waits is looked up once."""

from __future__ import annotations

import re

import asyncpg
import pytest

from server.features.cases import service as cases
from server.features.delivery import service as delivery
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.cases import SIGNED, office, ready, submitted
from tests.factories.identity import AsStaff
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, at_desk, csrf

WORST = {"level": "very_dissatisfied", "tags": [], "words": "等了两个小时。"}


async def test_the_address_stays_where_a_reload_works(client: Client, ports: Ports) -> None:
    at = await office()
    who, code = await ready(client, ports, at)
    desk = at_desk(client, at.clerk)
    refused = await desk.refused("/console/results/find", {"code": "12345678"})
    assert refused.headers["hx-push-url"] == "false"
    token = csrf(await desk.sees("/console/results"))
    by_htmx = {"hx-request": "true", "x-csrf-token": token}
    found = await desk.browser.post("/console/results/find", data={"code": code}, headers=by_htmx)
    assert who.someone.name in found.text
    assert found.headers["hx-push-url"] == "false"
    assert "hx-push-url" not in (await desk.browser.get("/console/results", headers=by_htmx)).headers


async def test_every_page_has_its_mark(client: Client) -> None:
    for page in ("/console/login", "/docs"):
        shown = await client.get(page, headers=HTML)
        assert 'rel="icon" href="/console/static/icon.svg"' in shown.text, page
    drawn = await client.get("/console/static/icon.svg")
    assert (drawn.status, drawn.headers["content-type"]) == (200, "image/svg+xml")


async def test_the_work_list_asks_as_often_for_many_cases(
    client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await office()
    asked = 0
    prepare = asyncpg.Connection._do_execute  # every statement with arguments goes through here

    async def counted(self: asyncpg.Connection, *given: object, **more: object) -> object:
        nonlocal asked
        asked += 1
        return await prepare(self, *given, **more)

    monkeypatch.setattr(asyncpg.Connection, "_do_execute", counted)
    asks = []
    for _ in range(3):
        who = await submitted(client, ports, at)
        await cases.accept(at.clerk.actor, who.id)
        before = asked
        rows = (await cases.worklist(at.clerk.actor, cases.Wanted(tab="decide"))).items
        asks.append(asked - before)
    assert len(rows) == 3
    assert all(row.light == "green" for row in rows)
    assert asks[0] == asks[1] == asks[2] > 0


async def test_who_mends_a_bad_rating(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    """A hall manager sees what happened in their hall; whoever served finds no number that leads to the rater."""
    at = await office()
    who, code = await ready(client, ports, at)
    await delivery.hand_over(at.clerk.actor, code, identity_checked=True, signature=SIGNED)
    given = await client.post("/api/v1/ratings", json={"token": (await who.screen())["rating"]["token"]} | WORST)
    assert given.status == 200, given.text
    number = who.case["number"]
    manager = await at_desk(client, await as_staff("hall_manager", hall=at.hall.id)).sees("/console/rectifications")
    assert "等了两个小时" in manager
    assert number in manager
    for officer in (at.clerk, at.reviewer):
        page = await at_desk(client, officer).sees("/console/rectifications")
        assert "等了两个小时" in page
        assert number not in page
        assert str(who.thread_id) not in page
    from_elsewhere = await as_staff("hall_manager", hall=(await make.hall("town", region_code="341226100")).id)
    assert "等了两个小时" not in await at_desk(client, from_elsewhere).sees("/console/rectifications")


async def test_the_work_list_is_searched_sorted_and_paged(
    client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await office()
    waiting = [await submitted(client, ports, at) for _ in range(3)]
    numbers = [one.case["number"] for one in waiting]
    desk = at_desk(client, at.clerk)
    page = await desk.sees("/console/cases", list="accept", q=numbers[1])
    assert [f">{number}<" in page for number in numbers] == [False, True, False]
    page = await desk.sees("/console/cases", list="accept", q=at.guide.item.name[:4])
    assert all(number in page for number in numbers)
    assert "没有符合条件" in await desk.sees("/console/cases", list="accept", q="登月")
    monkeypatch.setattr("server.console.cases.SHOWN", 2)
    for sort, order in (("since", numbers), ("-since", numbers[::-1])):
        page = await desk.sees("/console/cases", list="accept", sort=sort)
        assert [number in page for number in order] == [True, True, False]
        further = re.search(r'href="([^"]+)" data-page="next"', page)
        assert further
        page = await desk.sees(further[1].replace("&amp;", "&"))
        assert [number in page for number in order] == [False, False, True]
