"""A bulletin is drawn in the background, tells the figures as they stood, and holds nobody's name and no formula."""

from __future__ import annotations

import asyncio
import io
import time
from uuid import UUID

import openpyxl
import pytest

from server import db
from server.errors import Conflict, NotFound
from server.features.ratings.models import Level
from server.features.supervision import service as supervision
from server.features.supervision.service import Chosen
from server.features.supervision.service._printing import safe, xlsx
from server.features.supervision.service._telling import Content, Section
from server.kit import clock, texts
from tests.factories import open_matters as keep
from tests.factories.identity import staff
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, at_desk, goes_to
from tests.server.supervision.test_figures import Decided, Given, kept

pytestmark = pytest.mark.usefixtures("client")

HERE = "/console/bulletins"


async def counted() -> keep.Ground:
    ground = await keep.ground()
    officer = await staff("reviewer", department=ground.departments[1])
    cases = [Decided(0, 0, 9, 9, 3, granted=True), Decided(1, 1, 9, 9, 9, granted=True)]
    await kept(ground, [Given(0, 0, Level.VERY_DISSATISFIED, excluded=False)], cases, officer.actor.staff_id)
    await supervision.count_everything()
    return ground


def test_nothing_in_a_workbook_runs() -> None:
    bad = ["=1+1", "+1", "-1", "@SUM(A1)"]
    section = Section(title="=S", head=bad, rows=[[*bad]])
    book = openpyxl.load_workbook(io.BytesIO(xlsx(Content(title="=1+1", lines=bad, sections=[section]))))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert len(cells) == 13
    assert {cell.data_type for cell in cells} == {"s"}
    assert {str(cell.value)[0] for cell in cells} == {"'"}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_ordered_drawn_and_fetched(client: Client, language: str) -> None:
    await counted()
    who = await staff("supervisor")
    desk = at_desk(client.with_(accept_language=language), who)
    year = str(clock.today().year)
    assert goes_to(await desk.does(HERE, {"period": year}, on=HERE)) == HERE
    row = (await supervision.bulletins(who.actor))[0]
    assert row.running
    with pytest.raises(Conflict, match=r"supervision\.not_drawn"):
        await supervision.bulletin_file(who.actor, row.id, "pdf")
    assert "hx-get" in await desk.sees(f"{HERE}/now")
    began = time.perf_counter()
    assert await supervision.draw_bulletin() == 1
    assert time.perf_counter() - began < 20
    assert await supervision.draw_bulletin() == 0
    page = await desk.sees(HERE)
    assert f"{HERE}/{row.id}/pdf" in page
    assert "console." not in page.replace("onetrip_console", ""), "a text is missing"
    paper = await desk.browser.get(f"{HERE}/{row.id}/pdf", headers=HTML)
    assert (paper.status, paper.body[:5]) == (200, b"%PDF-")
    book = openpyxl.load_workbook(io.BytesIO((await desk.browser.get(f"{HERE}/{row.id}/xlsx", headers=HTML)).body))
    cells = [cell for sheet in book for line in sheet.iter_rows(values_only=True) for cell in line if cell is not None]
    assert not [cell for cell in cells if isinstance(cell, str) and ("console." in cell or "张桂兰" in cell)]
    overview = [line for line in book.worksheets[0].iter_rows(min_row=3, values_only=True) if line[4:6] == (1, 2)]
    assert overview, "one of two was decided as promised"


async def test_it_is_theirs_who_ordered_it_and_tells_what_stood_then(client: Client) -> None:
    ground = await counted()
    manager, other = await staff("hall_manager", hall=ground.halls[0]), await staff("supervisor")
    order: UUID = await supervision.order_bulletin(manager.actor, Chosen(), supervision.periods(clock.today())[0])
    await db.execute("TRUNCATE figure")
    await supervision.draw_bulletin()
    assert (await supervision.bulletin_file(manager.actor, order, "xlsx"))[1]
    with pytest.raises(NotFound):
        await supervision.bulletin_file(other.actor, order, "pdf")
    desk = at_desk(client, manager)
    assert (await desk.browser.get(f"{HERE}/{order}/exe", headers=HTML)).status in (404, 422)
    assert (await desk.refused(HERE, {"period": "2026-13"}, on=HERE)).status == 422
    with pytest.raises(NotFound):
        await supervision.order_bulletin(manager.actor, Chosen(hall=ground.halls[1]), supervision.period("2026"))


async def test_each_quarter_has_one_that_nobody_ordered(client: Client) -> None:
    await counted()
    who, manager = await staff("supervisor"), await staff("hall_manager")
    await asyncio.gather(*(supervision.make_quarterly() for _ in range(3)))
    await supervision.make_quarterly()
    over = next(one for one in supervision.periods(clock.today()) if one.months == 3).before
    (row,) = await supervision.bulletins(who.actor)
    assert (row.period.written, row.quarterly, await supervision.new_quarterly(who.actor)) == (over.written, True, 0)
    assert await supervision.draw_bulletin() == 1
    assert await supervision.new_quarterly(who.actor) == 1
    desk = at_desk(client, who)
    assert texts.text("zh-CN", "console.home.card.bulletin") in await desk.sees("/console")
    assert supervision.period_said("zh-CN", over) in (await desk.sees(HERE)).partition('id="bulletins"')[2], "in words"
    for kind, begins in (("pdf", b"%PDF-"), ("xlsx", b"PK")):
        assert (await desk.browser.get(f"{HERE}/{row.id}/{kind}", headers=HTML)).body.startswith(begins)
    assert await supervision.bulletins(manager.actor) == []
    with pytest.raises(NotFound):
        await supervision.bulletin_file(manager.actor, row.id, "pdf")
    await db.execute("UPDATE bulletin SET created_at = created_at - interval '9 years'")
    await supervision.forget_bulletins()
    assert await supervision.bulletin_file(who.actor, row.id, "pdf"), "that of a quarter stays"


async def test_two_workers_draw_each_once_and_one_that_died_is_followed() -> None:
    await counted()
    who = await staff("supervisor")
    period = supervision.periods(clock.today())[0]
    for _ in range(3):
        await supervision.order_bulletin(who.actor, Chosen(), period)
    with pytest.raises(Conflict, match=r"supervision\.too_many_orders"):
        await supervision.order_bulletin(who.actor, Chosen(), period)
    await db.execute(
        "UPDATE bulletin SET state = 'drawing', attempt = 1, lease_until = $1 WHERE id = (SELECT min(id::text)::uuid"
        " FROM bulletin)",
        clock.now(),
    )
    done = await asyncio.gather(*(supervision.draw_bulletin() for _ in range(4)))
    assert sum(done) == 3
    rows = await db.fetch("SELECT state, attempt FROM bulletin ORDER BY attempt")
    assert [(row["state"], row["attempt"]) for row in rows] == [("done", 1), ("done", 1), ("done", 2)]


def test_no_cell_is_a_formula() -> None:
    for cell in ("=1+1", "+1", "-1", "@x", "\tx"):
        assert safe(cell) == f"'{cell}"
    assert (safe(-3), safe("办结")) == (-3, "办结")
