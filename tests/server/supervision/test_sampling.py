"""Cases are drawn by a seed nobody chose, looked through by a list once, and what is found is asked with a clock."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from uuid import UUID

import pytest

from server import db
from server.errors import Conflict, InvalidInput, NotFound
from server.features.supervision import service as supervision
from server.features.supervision.service import QUESTIONS, Chosen
from server.kit import clock as product
from tests.conftest import Clock
from tests.factories import open_matters as keep
from tests.factories.identity import SomeStaff, staff
from tests.factories.open_matters import Ground, Open
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk, goes_to

pytestmark = pytest.mark.usefixtures("client")

HERE = "/console/assignments/samples"
GOOD = dict.fromkeys(QUESTIONS, "good")
SEED = "SELECT seed, population, first_on, last_on FROM sample_draw"
BY_SEED = "SELECT case_id FROM sample_case WHERE draw_id = $1 ORDER BY place"


async def scene(clock: Clock, number: int = 40) -> tuple[Ground, date]:
    """Cases handed in yesterday, in turn in two departments and at two halls."""
    at = await keep.ground()
    await keep.cases(at, [Open("accepted", one % 2, one % 2, 5, 9) for one in range(number)])
    yesterday = product.today()
    clock.advance(days=1)
    return at, yesterday


async def drawn(who: SomeStaff, day: date, number: int = 7, department: UUID | None = None) -> UUID:
    return await supervision.draw_sample(who.actor, Chosen(department=department), day, day, number)


async def test_whoever_has_the_seed_draws_the_same(clock: Clock) -> None:
    """Recomputed here from the rows, with nothing of the product's own draw."""
    _, day = await scene(clock)
    who = await staff("supervisor")
    draw_id = await drawn(who, day)
    row = await db.fetchrow(SEED)
    assert row is not None
    every = [one["id"] for one in await db.fetch("SELECT id FROM case_record")]
    assert (row["population"], len(row["seed"]) >= 16) == (40, True)
    expected = sorted(every, key=lambda one: hashlib.sha256(f"{row['seed']}{one}".encode()).digest())[:7]
    assert [one["case_id"] for one in await db.fetch(BY_SEED, draw_id)] == expected
    found, rows = await supervision.draw(who.actor, draw_id)
    assert (found.same, found.population, found.drawn, len(rows)) == (True, 40, 7, 7)
    await db.execute("UPDATE case_record SET state = 'in_review' WHERE id = $1", expected[0])
    assert (await supervision.draw(who.actor, draw_id))[0].same is True, "what becomes of a case changes nothing"
    await db.execute("UPDATE sample_draw SET seed = 'chosen'")
    assert (await supervision.draw(who.actor, draw_id))[0].same is False, "a seed that was changed is seen"


async def test_every_case_is_drawn_as_often_as_another(clock: Clock) -> None:
    """Over a hundred seeds, no case of twenty is drawn far more or less often than its share of five hundred draws."""
    _, day = await scene(clock, 20)
    who, often = await staff("supervisor"), dict[UUID, int]()
    for _ in range(100):
        for one in await db.fetch(BY_SEED, await drawn(who, day, 5)):
            often[one["case_id"]] = often.get(one["case_id"], 0) + 1
        await db.execute("DELETE FROM sample_case")
        await db.execute("DELETE FROM sample_draw")
    assert len(often) == 20
    assert min(often.values()) >= 8
    assert max(often.values()) <= 48


async def test_a_draw_is_made_once_of_what_is_over(clock: Clock) -> None:
    at, day = await scene(clock)
    who = await staff("supervisor")
    await drawn(who, day)
    for place in (None, at.departments[0]):
        with pytest.raises(Conflict, match="drawn_already"):
            await drawn(who, day, 3, department=place)
    with pytest.raises(Conflict, match="drawn_already"):
        await supervision.draw_sample(who.actor, Chosen(), day - timedelta(days=1), day, 7)
    assert isinstance(await drawn(await staff("supervisor"), day, department=at.departments[0]), UUID)
    today = product.today()
    for first, last in ((today, today), (day, today), (day, day - timedelta(days=1)), (day - timedelta(days=500), day)):
        with pytest.raises(InvalidInput):
            await supervision.draw_sample(who.actor, Chosen(), first, last, 5)
    with pytest.raises(Conflict, match="nothing_to_draw"):
        await drawn(who, day - timedelta(days=9))


async def test_only_from_where_one_chose_and_reaches(clock: Clock) -> None:
    at, day = await scene(clock)
    who = await staff("supervisor")
    _, rows = await supervision.draw(who.actor, await drawn(who, day, 100, department=at.departments[1]))
    assert len(rows) == 20
    of = "SELECT DISTINCT department_id FROM sample_case"
    assert [one["department_id"] for one in await db.fetch(of)] == [at.departments[1]]
    town = await staff("supervisor", department=at.departments[0])
    with pytest.raises(NotFound):
        await drawn(town, day, department=at.departments[1])
    found, mine = await supervision.draw(town.actor, await drawn(town, day, 100))
    assert (found.population, len(mine)) == (20, 20)
    with pytest.raises(NotFound):
        await supervision.draw(who.actor, found.id)


async def test_what_is_found_is_asked_of_the_department_and_counted(clock: Clock) -> None:
    _, day = await scene(clock)
    who = await staff("supervisor")
    draw_id = await drawn(who, day, 3)
    check = supervision.check_sample
    for wrong, note in ((GOOD | {"fees": "perhaps"}, "x"), ({}, "x"), (GOOD | {"fees": "bad"}, "  ")):
        with pytest.raises(InvalidInput):
            await check(who.actor, draw_id, 0, wrong, note)
    await check(who.actor, draw_id, 0, GOOD | {"fees": "bad", "papers": "bad"}, "多收了 10 元。")
    await check(who.actor, draw_id, 1, GOOD, "")
    with pytest.raises(Conflict, match="moved_on"):
        await check(who.actor, draw_id, 1, GOOD, "")
    with pytest.raises(NotFound):
        await check(who.actor, draw_id, 3, GOOD, "")
    found, rows = await supervision.draw(who.actor, draw_id)
    assert (found.checked, found.bad, [row.bad for row in rows]) == (2, 2, [2, 0, None])
    (asked,) = await supervision.assignments(who.actor)
    assert (asked.sampled, asked.walked, asked.state) == (True, False, "open")
    assert asked.words == f"{rows[0].number}: 多收了 10 元。"
    assert (await supervision.board(who.actor, Chosen())).kinds["assignments"].green == 1
    await supervision.count_everything()
    row = await db.fetchrow("SELECT sum(part) AS part, sum(whole) AS whole FROM figure WHERE key = 'sampled_sound'")
    assert tuple(row or ()) == (1, 2)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_at_the_desk(client: Client, clock: Clock, language: str) -> None:
    _, day = await scene(clock)
    desk = at_desk(client.with_(accept_language=language), await staff("supervisor"))
    form = {"region": "", "department": "", "at_hall": "", "first_on": str(day), "last_on": str(day), "number": "2"}
    assert (await desk.refused(HERE, form | {"number": "101"}, on=HERE)).status == 422
    there = goes_to(await desk.does(HERE, form, on=HERE))
    assert (await desk.refused(HERE, form, on=HERE)).status == 409
    page = await desk.sees(there)
    assert "console." not in page.replace("onetrip_console", ""), "a text is missing"
    bad = GOOD | {"in_time": "bad", "note": "=1+1"}
    assert (await desk.refused(f"{there}/0", GOOD | {"in_time": ""}, on=there)).status == 422
    goes_to(await desk.does(f"{there}/0", bad, on=there))
    assert (await desk.refused(f"{there}/0", bad, on=there)).status == 409
    assert "=1+1" in await desk.sees(there)
    assert "=1+1" in await desk.sees("/console/assignments")
    table = (await desk.browser.get(f"{there}/export")).body.decode("utf-8-sig")
    assert "'=1+1" in table, "a spreadsheet runs nothing"
    assert len(table.splitlines()) == 4
    other = at_desk(client, await staff("supervisor"))
    with pytest.raises(AssertionError, match="404"):
        await other.sees(there)
    reviewer = at_desk(client, await staff("reviewer"))
    assert (await reviewer.browser.get(there)).status == 403
