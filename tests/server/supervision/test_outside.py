"""Who looks from outside: an evaluator sees figures and no matter, everybody reads the score and how it weighs."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from server import db
from server.features.supervision import service as supervision
from server.features.supervision.service._score import Part, Score
from server.kit import clock
from tests.factories import open_matters as keep
from tests.factories.identity import AsStaff, staff
from tests.factories.open_matters import Open
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, at_desk, goes_to
from tests.server.supervision.test_bulletins import counted
from tests.server.supervision.test_figures import Decided, kept

pytestmark = pytest.mark.usefixtures("client")


async def test_an_evaluator_sees_figures_and_no_matter(client: Client) -> None:
    ground = await counted()
    await keep.cases(ground, [Open("accepted", 0, 0, -3, -1)])
    desk = at_desk(client, await staff("evaluator"))
    board = await desk.sees("/console/board")
    assert "红灯" in board
    assert "/console/board/decide" not in board
    for path in ("/console", "/console/indicators", "/console/indicators/promise_kept", "/console/bulletins"):
        assert "<main" in await desk.sees(path)
    for path in ("/console/board/decide", "/console/cases", "/console/rectifications", "/console/complaints"):
        assert (await desk.browser.get(path, headers=HTML)).status == 403


async def test_the_export_leads_to_nobody(client: Client) -> None:
    ground = await counted()
    officer = await staff("reviewer", department=ground.departments[0])
    more = [Decided(0, 0, 9, 9, 9, granted=True)] * 3
    await kept(ground, [], more, officer.actor.staff_id)
    await supervision.count_everything()
    desk = at_desk(client, await staff("evaluator"))
    table = await desk.browser.get("/console/indicators/export", params={"period": str(clock.today().year)})
    rows = list(csv.DictReader(io.StringIO(table.body.decode("utf-8-sig"))))
    kept_rows: dict[tuple[str, str], Any] = {(row["代码"], row["部门"]): (row["分子"], row["分母"]) for row in rows}
    departments = [
        one.name for one in (await supervision.view_of(officer.actor, supervision.Chosen())).departments.values()
    ]
    assert kept_rows["promise_kept", departments[0]] == ("3", "4")
    few = [row for row in rows if row["代码"] == "promise_kept" and row["部门"] != departments[0]]
    assert [(row["分子"], row["数值"]) for row in few] == [("", "")], "one person's matter could be told from it"
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'supervision.figures_exported'") == 1


def test_the_score_weighs_what_was_counted() -> None:
    def points(*parts: tuple[int, float | None]) -> float | None:
        several = [Part(key="", weight=weight, points=given) for weight, given in parts]
        return Score(period=supervision.period("2026"), parts=several).points

    assert points((20, 100.0), (20, 50.0)) == 75
    assert points((30, 100.0), (10, 60.0)) == 90
    assert points((30, 100.0), (10, None)) == 100
    assert points((30, None)) is None


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_everybody_reads_the_score_and_its_weights(client: Client, as_staff: AsStaff, language: str) -> None:
    await counted()
    nobody = client.with_(accept_language=language)
    before = (await nobody.get("/score", headers=HTML)).text
    assert "console." not in before
    desk = at_desk(client, await as_staff("administrator"))
    here = "/console/policies/score"
    weights = dict.fromkeys(supervision.ScorePolicy().weights, "0")
    form = {"region_code": "341226", "first_on": clock.today().isoformat(), "reason": "县里公布", **weights}
    assert (await desk.refused(here, form, on=here)).status == 422, "nothing would weigh"
    goes_to(await desk.does(here, form | {"one_visit": "97"}, on=here))
    after = (await nobody.get("/score", headers=HTML)).text
    assert "<td>97</td>" in after
    assert after.count("<tr>") == 2
