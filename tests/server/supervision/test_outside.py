"""Who looks from outside: an evaluator sees figures and no matter, everybody reads the score and how it weighs."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from server import db
from server.features.catalogue import service as catalogue
from server.features.ratings import service as ratings
from server.features.supervision import service as supervision
from server.features.supervision.service import Share
from server.features.supervision.service._score import Part, Score
from server.features.supervision.service._telling import told
from server.features.thread import service as thread
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
    assert kept_rows["promise_kept", departments[0]] == ("", ""), "three kept of four: the fourth is somebody"
    assert kept_rows["one_visit", departments[0]] == ("3", "3"), "told in threes: the fourth cannot be worked out"
    few = [row for row in rows if row["代码"] == "promise_kept" and row["部门"] != departments[0]]
    assert [(row["分子"], row["数值"]) for row in few] == [("", "")], "one person's matter could be told from it"
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'supervision.figures_exported'") == 1


async def test_an_evaluator_is_told_nothing_of_too_few_anywhere(client: Client) -> None:
    await counted()
    period = supervision.period(str(clock.today().year))
    evaluator, supervisor = await staff("evaluator"), await staff("supervisor")
    chosen = supervision.Chosen()
    inside = await supervision.figure(supervisor.actor, "promise_kept", chosen, period)
    found, places = await supervision.figure(evaluator.actor, "promise_kept", chosen, period)
    assert inside[0].figures["promise_kept"].now == Share(1, 2)
    assert {one.now.whole for one in inside[1].departments.values()} == {1}
    for one in (found.figures["promise_kept"], *places.departments.values(), *places.halls.values()):
        assert one.now == Share(0, 0, hidden=True)
        assert all(share.whole == 0 for share in one.months.values())
    assert found.figures["bad_reasons"].labels == {}
    page = await at_desk(client, evaluator).sees(f"/console/indicators/promise_kept?period={period.written}")
    assert "人数过少，不显示" in page
    shown = await at_desk(client, supervisor).sees(f"/console/indicators/promise_kept?period={period.written}")
    assert "人数过少" not in shown
    bulletin = await told(await supervision.view_of(evaluator.actor, chosen), period, "zh-CN")
    [whole] = [row for row in bulletin.sections[0].rows if row[0] == "承诺期限内办结率"]
    [places_told] = [one.rows for one in bulletin.sections[2:-1] if one.title == "承诺期限内办结率"]
    assert whole[1::3] == ["人数过少，不显示", ""]
    assert len(places_told) == 4
    assert {tuple(row[1::3]) for row in places_told} == {("人数过少，不显示", "")}


@pytest.mark.parametrize(
    ("part", "whole", "few"), [(0, 2, True), (1, 3, True), (2, 3, True), (0, 3, False), (3, 3, False), (3, 6, False)]
)
def test_too_few_on_either_side(part: int, whole: int, *, few: bool) -> None:
    figure = supervision.Figure(kind=thread.measured()["rated_bad"])
    assert figure.few(Share(part, whole)) is few
    assert supervision.Figure(kind=thread.measured()["bad_reasons"]).few(Share(part, 0)) is (0 < part < 3)


def test_the_score_weighs_what_was_counted() -> None:
    def points(*parts: tuple[int, float | None]) -> float | None:
        several = [Part(key="", weight=weight, points=given) for weight, given in parts]
        return Score(period=supervision.period("2026"), parts=several, fewest=5).points

    assert points((20, 100.0), (20, 50.0)) == 75
    assert points((30, 100.0), (10, 60.0)) == 90
    assert points((30, 100.0), (10, None)) == 100
    assert points((30, None)) is None


async def test_a_period_without_data_has_no_score(client: Client) -> None:
    told = (await client.get("/api/v1/score")).json
    assert told["points"] is None
    assert {part["points"] for part in told["parts"]} == {None}
    assert sum(part["weight"] for part in told["parts"]) == 100
    assert told["period"]
    assert told["area"] == "颍上县"


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
    phone = await nobody.get("/api/v1/score")
    assert phone.status == 200, phone.text
    (part,) = phone.json["parts"]
    assert (part["key"], part["weight"], phone.json["points"]) == ("one_visit", 97, part["points"])
    assert phone.json["period"] in after
    assert part["name"] in after
    assert after.count('scope="row"') == 1


async def test_no_part_of_the_score_is_told_of_too_few(client: Client, as_staff: AsStaff) -> None:
    ground = await counted()
    officer = await staff("reviewer", department=ground.departments[0])
    nobody = client.with_(accept_language="en")

    async def told() -> tuple[float | None, bool, float | None]:
        score = (await client.get("/api/v1/score")).json
        [part] = [one for one in score["parts"] if one["key"] == "promise_kept"]
        return part["points"], part["few"], score["points"]

    assert await told() == (None, True, None), "two decided"
    assert "Fewer than 5: not published" in (await nobody.get("/score", headers=HTML)).text
    await kept(ground, [], [Decided(0, 0, 9, 9, 9, granted=True)] * 2, officer.actor.staff_id)
    await supervision.count_everything()
    assert await told() == (None, True, None), "one fewer than the fewest"
    await kept(ground, [], [Decided(0, 0, 9, 9, 9, granted=True)], officer.actor.staff_id)
    await supervision.count_everything()
    points, few, whole = await told()
    assert (points, few) == (80, False)
    assert whole is not None
    span = catalogue.PolicySpan(region_code="341226", first_on=clock.today(), last_on=None, reason="县里公布")
    await catalogue.set_policy((await as_staff("administrator")).actor, span, ratings.PublicPolicy(fewest=6))
    assert await told() == (None, True, None), "as many as the area says"
