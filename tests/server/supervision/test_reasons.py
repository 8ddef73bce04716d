"""Reasons by item and department are what reading the rows one by one gives, and too few of them lead to nobody."""

from __future__ import annotations

import json
from collections import Counter
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from server import db
from server.features.ratings import service as ratings
from server.features.supervision import service as supervision
from server.features.supervision.service import Chosen, Period
from server.features.supervision.service._reach import everything
from server.features.supervision.service._telling import told
from server.kit import clock
from tests.factories import measured
from tests.factories import open_matters as keep
from tests.factories.identity import staff
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk
from tests.server.supervision.test_every_figure import RATED

pytestmark = pytest.mark.usefixtures("client")

_ROWS = """
SELECT r.*, b.counted FROM rating r LEFT JOIN rating_burst b ON b.id = r.burst_id WHERE r.level LIKE '%dissatisfied'
"""
BAD = measured.Rated(0, 0, 0, 9, 0, ratings.Level.DISSATISFIED, False, None, ["110"], False, False, 3, None, False)
Told = Counter[tuple[str, str, UUID | None]]


async def ratings_of(ground: keep.Ground, rows: list[measured.Rated], names: list[str]) -> None:
    """Keep them, each about one of the items that are named."""
    supervisor = (await staff("supervisor")).actor
    await measured.keep(ground, rows, supervisor.staff_id)
    offered = [measured.Offered(nth, "01", ["person"], True, [], False) for nth in (0, 1)]
    await measured.keep(ground, offered, supervisor.staff_id)
    items = [row["id"] for row in await db.fetch("SELECT id FROM item WHERE name = '样例' ORDER BY id LIMIT 2")]
    for item, name in zip(items, names, strict=True):
        await db.execute("UPDATE item SET name = $2 WHERE id = $1", item, name)
    for nth, row in enumerate(await db.fetch("SELECT id FROM rating ORDER BY id")):
        await db.execute("UPDATE rating SET item_id = $2 WHERE id = $1", row["id"], items[nth % 2])


async def by_hand(period: Period) -> Told:
    names = {row["id"]: row["name"] for row in await db.fetch("SELECT id, name FROM item")}
    given: Told = Counter()
    for row in await db.fetch(_ROWS):
        day = row["given_at"].astimezone(clock.SHANGHAI).date()
        if row["state"] == "given" and (row["burst_id"] is None or row["counted"]) and period.begin <= day < period.end:
            given.update((tag, names[row["item_id"]], row["department_id"]) for tag in json.loads(row["tags"]))
    return given


@settings(
    max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(RATED, min_size=6, max_size=16))
async def test_what_is_shown_is_what_the_rows_say(rows: list[measured.Rated]) -> None:
    await db.execute("TRUNCATE thread, item, rating_burst, figure CASCADE")
    ground, supervisor = await keep.ground(), (await staff("supervisor")).actor
    await ratings_of(ground, rows, ["甲事项", "乙事项"])
    for period in supervision.periods(clock.today())[:2]:
        shown = await supervision.reasons(supervisor, Chosen(), period)
        expected = await by_hand(period)
        assert {(one.reason, one.item, one.department_id): one.now.part for one in shown} == dict(expected)
        counts = [one.now.part for one in shown]
        assert counts == sorted(counts, reverse=True)
        before = await by_hand(period.before)
        assert all(one.before.part == before[one.reason, one.item, one.department_id] for one in shown)
        office = ground.departments[1]
        there = await supervision.reasons(supervisor, Chosen(department=office), period)
        assert {(one.reason, one.item): one.now.part for one in there} == {
            (reason, item): number for (reason, item, department), number in expected.items() if department == office
        }


async def test_on_the_page_and_in_the_bulletin_and_not_of_too_few(client: Client) -> None:
    ground = await keep.ground()
    await ratings_of(ground, [BAD] * 5, ["甲事项", "乙事项"])
    await supervision.count_lately()
    page = await at_desk(client, await staff("supervisor")).sees("/console/indicators/bad_reasons")
    assert page.count(ratings.reason("110")) >= 2
    assert all(name in page for name in ("甲事项", "乙事项"))
    month = supervision.periods(clock.today())[0]
    bulletin = await told(await everything(), month, "zh-CN")
    [section] = [one for one in bulletin.sections if one.title == "原因、事项、部门对照"]
    assert [(row[1], row[-1]) for row in section.rows] == [("甲事项", 3), ("乙事项", 2)]
    outside = (await staff("evaluator")).actor
    [one] = await supervision.reasons(outside, Chosen(), month)
    assert (one.item, one.now.part) == ("甲事项", 3), "two of the other could be somebody"


async def test_a_visit_of_no_item_says_so(client: Client) -> None:
    ground = await keep.ground()
    supervisor = await staff("supervisor")
    await measured.keep(ground, [BAD], supervisor.actor.staff_id)
    await supervision.count_lately()
    assert "到大厅办事，未登记事项" in await at_desk(client, supervisor).sees("/console/indicators/bad_reasons")
    bulletin = await told(await everything(), supervision.periods(clock.today())[0], "en")
    assert any(row[1:2] == ["A visit with no item on record"] for one in bulletin.sections for row in one.rows)
