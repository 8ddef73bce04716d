"""Somebody's ratings of a year are theirs in sum: nobody's is told from another's, and who else looks says why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.actor import Staff
from server.errors import InvalidInput, NotFound
from server.features.ratings import service as ratings
from server.features.ratings.service import Level
from server.kit.ids import new_id
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.identity import SomeStaff, staff
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, at_desk, csrf

HERE = "/console/own-ratings"
GIVEN = """
INSERT INTO rating (id, created_at, subject_kind, subject_id, hall_id, served_by, token, state, level, tags, given_at,
    channel, burst_id)
VALUES ($1, $2, 'visit', $3, $4, $5, $6, $7, $8, $9::jsonb, $2, 'code', $10)
"""
BURST = "INSERT INTO rating_burst (id, created_at, kind) VALUES ($1, $2, 'source')"
MAY = datetime(2026, 5, 6, 2, tzinfo=UTC)
WORST, BEST = Level.VERY_DISSATISFIED, Level.VERY_SATISFIED


async def given(of: Staff, hall_id: UUID, *levels: Level, at: datetime = MAY, **more: Any) -> None:
    for level in levels:
        tags = '["110"]' if level is WORST else "[]"
        state, burst = more.get("state", "given"), more.get("burst")
        await db.execute(
            GIVEN, new_id(), at, new_id(), hall_id, of.staff_id, str(new_id()), state, level.value, tags, burst
        )


async def scene(clock: Clock) -> tuple[SomeStaff, SomeStaff, UUID]:
    """A hall in summer, its manager and a clerk with five ratings of May."""
    clock.set(datetime(2026, 7, 15, 2, tzinfo=UTC))
    hall = await make.hall()
    clerk, manager = await staff("clerk", hall=hall.id), await staff("hall_manager", hall=hall.id)
    await given(clerk.actor, hall.id, BEST, BEST, WORST, WORST, WORST)
    return clerk, manager, hall.id


async def test_in_sum_and_as_the_rows_say(client: Client, clock: Clock) -> None:
    clerk, _, hall_id = await scene(clock)
    burst = new_id()
    await db.execute(BURST, burst, MAY)
    await given(clerk.actor, hall_id, WORST, state="excluded")
    await given(clerk.actor, hall_id, WORST, WORST, burst=burst)
    await given((await staff("clerk", hall=hall_id)).actor, hall_id, WORST)
    await given(clerk.actor, hall_id, BEST, at=datetime(2025, 12, 31, 15, tzinfo=UTC))
    year = await ratings.own_year(clerk.actor, 2026)
    assert (year.number, year.bad, year.excluded, year.looked_into) == (5, 3, 1, 2)
    assert year.levels == dict.fromkeys(Level, 0) | {BEST: 2, WORST: 3}
    assert [many for _, many in year.tags] == [3]


async def test_too_few_tell_nothing_and_neither_does_the_month_under_way(client: Client, clock: Clock) -> None:
    clerk, _, hall_id = await scene(clock)
    before = await ratings.own_year(clerk.actor, 2026)
    await given(clerk.actor, hall_id, WORST, at=datetime(2026, 7, 14, 2, tzinfo=UTC))
    assert await ratings.own_year(clerk.actor, 2026) == before, "who looks after each visit learns nothing"
    await db.execute("DELETE FROM rating WHERE id = (SELECT id FROM rating WHERE level = 'very_satisfied' LIMIT 1)")
    few = await ratings.own_year(clerk.actor, 2026)
    assert (few.number, few.levels, few.tags, few.bad) == (None, None, [], None)
    for year in (1999, 2027):
        with pytest.raises(InvalidInput):
            await ratings.own_year(clerk.actor, year)


async def test_who_reviews_says_why_and_reaches_their_hall_alone(client: Client, clock: Clock) -> None:
    clerk, manager, _ = await scene(clock)
    there = await make.hall("next-door")
    stranger = await staff("hall_manager", hall=there.id)
    await given(clerk.actor, there.id, WORST)
    one, year = await ratings.review_year(manager.actor, clerk.actor.staff_id, 2026, "年度考核")
    assert (one.id, year.number) == (clerk.actor.staff_id, 5), "what they did at another hall is that hall's"
    for who, whom in ((stranger, clerk), (manager, manager), (clerk, clerk)):
        with pytest.raises(NotFound):
            await ratings.review_year(who.actor, whom.actor.staff_id, 2026, "看看")
    with pytest.raises(InvalidInput):
        await ratings.review_year(manager.actor, clerk.actor.staff_id, 2026, "  ")
    looks = await db.fetch("SELECT actor_id, subject_id, detail FROM audit_entry WHERE action = 'ratings.reviewed'")
    assert [(row["actor_id"], row["subject_id"]) for row in looks] == [(manager.actor.staff_id, clerk.actor.staff_id)]
    assert "年度考核" in looks[0]["detail"]


async def test_nobody_is_ranked(client: Client, clock: Clock) -> None:
    _, manager, hall_id = await scene(clock)
    for _ in range(3):
        await given((await staff("clerk", hall=hall_id)).actor, hall_id, *[BEST] * 6)
    names = [(one.name, one.username) for one in await ratings.reviewed_staff(manager.actor)]
    assert names == sorted(names)
    assert len(names) == 4
    told = await ratings.review_everybody(manager.actor, 2026, "年度考核")
    assert [(one.name, one.username) for one, _ in told] == names


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_at_the_desk(client: Client, clock: Clock, language: str) -> None:
    clerk, manager, _ = await scene(clock)
    own = at_desk(client.with_(accept_language=language), clerk)
    page = await own.sees(HERE, year="2026")
    assert "<td>3</td>" in page
    assert "/export" not in page
    desk = at_desk(client.with_(accept_language=language), manager)
    seen = await desk.sees(HERE)
    assert "<td>3</td>" not in seen, "a manager's own page has a manager's own"
    there = f"{HERE}/{clerk.actor.staff_id}"
    form = {"year": "2026", "reason": "年度考核"}
    assert (await desk.refused(there, {"year": "2026", "reason": ""}, on=HERE)).status == 422
    shown = await desk.does(there, form, on=HERE)
    assert (shown.status, "<td>3</td>" in shown.text) == (200, True)
    assert "console.yearly" not in shown.text
    table = await desk.browser.post(f"{HERE}/export", data={"csrf": csrf(seen), **form}, headers=HTML)
    assert table.headers["content-type"].startswith("text/csv")
    lines = table.body.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert ",2026,5,2,0,0,0,3,0,0," in lines[1]
    refused = await own.browser.post(there, data={"csrf": csrf(page), **form}, headers=HTML)
    assert refused.status == 403


async def test_two_looks_a_month_apart_tell_nobodys(client: Client, clock: Clock) -> None:
    """Whoever takes one sum from the next would have the month's one rating: so few wait for more."""
    clerk, _, hall_id = await scene(clock)
    before = await ratings.own_year(clerk.actor, 2026)
    await given(clerk.actor, hall_id, WORST, at=datetime(2026, 7, 20, 2, tzinfo=UTC))
    clock.set(datetime(2026, 8, 15, 2, tzinfo=UTC))
    assert await ratings.own_year(clerk.actor, 2026) == before
    await given(clerk.actor, hall_id, *[BEST] * 4, at=datetime(2026, 8, 20, 2, tzinfo=UTC))
    clock.set(datetime(2026, 9, 15, 2, tzinfo=UTC))
    later = await ratings.own_year(clerk.actor, 2026)
    assert (later.number, later.bad, later.until.month) == (10, 4, 9)
