"""Lists that are at hand whole: searched, narrowed, sorted, paged, and taken away as a whole table."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from server import db
from server.console import registers
from server.features.cases import service as cases
from server.features.cases.service import SubstitutionIn, Wanted, _worklist, authorisations, delegations
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import FeeEdit
from server.kit import clock
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.cases import office, submitted
from tests.factories.identity import AsStaff, staff
from tests.fixtures_web import Client
from tests.server.cases.test_authorising import wish as authorising
from tests.server.cases.test_delegations import wish as delegating
from tests.server.console.desk import Desk, at_desk
from tests.server.console.test_lists import turned


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two, so that few rows fill several."""
    monkeypatch.setattr(registers, "SHOWN", 2)


async def table(desk: Desk, path: str, **query: Any) -> list[list[str]]:
    answer = await desk.browser.get(path, params=query)
    assert (answer.status, answer.headers["cache-control"]) == (200, "private, no-store")
    return list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))


async def test_fees(client: Client, as_staff: AsStaff) -> None:
    for name, most, active in (("甲费", 300, True), ("=乙费", 100, True), ("丙费", 200, True), ("丁费", 400, False)):
        edit = FeeEdit(name=name, basis="《条例》第一条", unit="件", most_fen=most, active=active, reason="测试")
        await catalogue.set_fee_item(make.TESTER, edit)
    desk = at_desk(client, await as_staff("administrator"))
    names = ("=乙费", "丙费", "甲费", "丁费")

    def on(page: str) -> list[str]:
        return [name for name in names if f"<strong>{name}</strong>" in page]

    first = await desk.sees("/console/guides/fees", sort="most")
    assert on(first) == ["=乙费", "丙费"]
    assert on(await desk.sees(turned(first, "next"))) == ["甲费", "丁费"]
    assert on(await desk.sees("/console/guides/fees", sort="-most")) == ["甲费", "丁费"]
    assert on(await desk.sees("/console/guides/fees", q="丙")) == ["丙费"]
    assert on(await desk.sees("/console/guides/fees", state="ended")) == ["丁费"]
    assert "没有符合条件" in await desk.sees("/console/guides/fees", q="登月")
    head, *rows = await table(desk, "/console/guides/fees/export", sort="-most")
    assert head[0] == "名称"
    assert [row[0] for row in rows] == ["丁费", "甲费", "丙费", "'=乙费"]
    assert len(await table(desk, "/console/guides/fees/export", q="丙")) == 2


async def test_who_acts_for_whom(client: Client) -> None:
    at = await office()
    others = [await staff("reviewer", department=at.guide.department.id) for _ in range(3)]
    for n, other in enumerate(others):
        first = clock.today() + timedelta(days=10 * n)
        wish = SubstitutionIn(
            substitute_id=other.actor.staff_id, first_on=first, last_on=first + timedelta(days=4), reason=f"事由{n}"
        )
        await cases.name_substitute(at.reviewer.actor, wish)
    desk = at_desk(client, at.reviewer)
    first_page = await desk.sees("/console/substitutions", sort="first_on")
    assert [f"事由{n}" in first_page for n in range(3)] == [True, True, False]
    assert "事由2" in await desk.sees(turned(first_page, "next"))
    assert "事由1" not in await desk.sees("/console/substitutions", state="active")
    rows = await table(desk, "/console/substitutions/export", sort="-first_on")
    assert [row[4] for row in rows[1:]] == ["事由2", "事由1", "事由0"]
    taken = await db.fetchrow("SELECT subject, detail FROM audit_entry WHERE action = 'cases.exported'")
    assert taken is not None
    assert (taken["subject"], '"lines":3' in taken["detail"].replace(" ", "")) == ("substitutions", True)


@pytest.mark.parametrize("path", ["authorisations", "delegations"])
async def test_instruments(client: Client, path: str) -> None:
    at = await office()
    desk = at_desk(client, at.reviewer)
    page = await desk.sees(f"/console/{path}", list="over", sort="-last_on", q="没有的")
    assert "没有符合条件" in page
    assert await table(desk, f"/console/{path}/export", list="over")
    known = await table(desk, f"/console/{path}/export", list="live")
    assert len(known) == (2 if path == "authorisations" else 1), "the hall's own document, and the heading"


async def test_authorisations_are_searched_sorted_and_turned(client: Client) -> None:
    at = await office(authorised=False)
    for n, number in enumerate(("甲授 1 号", "乙授 2 号", "丙授 3 号")):
        await authorisations.ask(
            at.reviewer.actor, authorising(at, number=number, last_on=clock.today() + timedelta(days=10 * n))
        )
    desk = at_desk(client, at.reviewer)
    here = "/console/authorisations"
    first = await desk.sees(here, sort="-last_on")
    assert [number in first for number in ("甲授", "乙授", "丙授")] == [False, True, True]
    assert "甲授" in await desk.sees(turned(first, "next"))
    assert [row[0] for row in await table(desk, f"{here}/export", q="乙授2")] == ["文号", "乙授 2 号"]
    for q, count in ((at.hall.name, 3), (at.guide.item.name, 0)):
        assert len(await table(desk, f"{here}/export", q=q)) == 1 + count, "every item is none by name"
    await authorisations.ask(at.reviewer.actor, authorising(at, number="丁", item_ids=[at.item_id]))
    assert len(await table(desk, f"{here}/export", q=at.guide.item.name)) == 2


async def test_delegations_are_found_by_whom_they_name(client: Client) -> None:
    at = await office()
    chiefs = [await staff("reviewer", hall=at.hall.id, name=f"{sign}首席") for sign in "甲乙丙"]
    for n, chief in enumerate(chiefs):
        await delegations.ask(at.reviewer.actor, delegating(at, chief, number=f"首授 {n} 号"))
    desk = at_desk(client, at.reviewer)
    first = await desk.sees("/console/delegations", sort="number")
    assert [f"首授 {n} 号" in first for n in range(3)] == [True, True, False]
    assert "首授 2 号" in await desk.sees(turned(first, "next"))
    assert [row[1] for row in await table(desk, "/console/delegations/export", q="乙 首")][1:] == ["乙首席"]
    assert len(await table(desk, "/console/delegations/export", q="没有此人")) == 1
    stranger = at_desk(client, await staff("reviewer", department=(await make.department("fire")).id))
    assert len(await table(stranger, "/console/delegations/export", q="乙首席")) == 1


async def test_what_waits_for_papers(client: Client, as_staff: AsStaff) -> None:
    desk = at_desk(client, await as_staff("clerk"))
    assert 'name="relation"' in await desk.sees("/console/mandates", relation="guardian", sort="-since")
    assert len(await table(desk, "/console/mandates/export")) == 1
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'mandates.exported'") == 1


async def test_guides(client: Client, as_staff: AsStaff) -> None:
    names = ["甲事项", "乙事项", "丙事项"]
    for name in names:
        await make.guide(await make.item(name=name))
    desk = at_desk(client, await as_staff("administrator"))
    rows = await table(desk, "/console/guides/export", q="事项", sort="-name")
    assert [row[1] for row in rows[1:]] == sorted(names, reverse=True)
    page = await desk.sees("/console/guides", q="事项", sort="name")
    assert [name in page for name in sorted(names)] == [True, True, False]
    assert sorted(names)[2] in await desk.sees(turned(page, "next"))


async def test_a_table_is_never_cut(client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_worklist, "LINES", 1)
    at = await office()
    numbers = {(await submitted(client, ports, at)).case["number"] for _ in range(3)}
    lines = await cases.export(at.clerk.actor, Wanted(tab="accept"))
    assert {line.number async for line in lines} == numbers
