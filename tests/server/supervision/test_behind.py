"""Behind a figure stand its rows: they sum up to it, in this month and in those before, and lead to their matter."""

from __future__ import annotations

import pytest

from server.errors import NotFound
from server.features.ratings.models import Level
from server.features.supervision import service as supervision
from server.features.supervision.service import Chosen, Share
from server.features.thread import service as thread
from server.kit import clock
from tests.factories import open_matters as keep
from tests.factories.identity import staff
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, at_desk
from tests.server.supervision.test_figures import Decided, Given, at, kept

pytestmark = pytest.mark.usefixtures("client")

CASES = [Decided(0, 0, 40, took, 3, granted=True) for took in (2, 3, 9)] + [Decided(1, 1, 70, 0, 3, granted=True)]
RATINGS = [Given(0, 35, Level.VERY_DISSATISFIED, excluded=False), Given(0, 40, Level.SATISFIED, excluded=False)]


async def test_the_rows_sum_up_to_the_figure_in_every_month() -> None:
    ground, supervisor = await keep.ground(), (await staff("supervisor")).actor
    await kept(ground, RATINGS, CASES, supervisor.staff_id)
    await supervision.count_everything()
    seen = 0
    for month in supervision.periods(clock.today())[:4]:
        told = (await supervision.figures(supervisor, Chosen(), month)).figures
        for key, one in told.items():
            _, rows = await supervision.behind(supervisor, key, Chosen(), month, limit=999)
            assert (sum(row.part for row in rows), sum(row.whole for row in rows)) == (one.now.part, one.now.whole), key
            seen += len(rows)
    assert seen > len(CASES)
    with pytest.raises(NotFound):
        await supervision.behind(supervisor, "nothing", Chosen(), month, limit=9)


async def test_those_that_count_and_those_that_do_not(client: Client) -> None:
    ground, who = await keep.ground(), await staff("supervisor")
    await kept(ground, RATINGS, CASES, who.actor.staff_id)
    rows: dict[str, int] = {}
    for which in ("part", "rest"):
        for month in supervision.periods(clock.today())[:4]:
            found = await supervision.behind(who.actor, "promise_kept", Chosen(), month, which=which, limit=9)
            rows[which] = rows.get(which, 0) + len(found[1])
    assert rows == {"part": 3, "rest": 1}
    taxes = await staff("reviewer", department=ground.departments[1])
    _, own = await supervision.behind(taxes.actor, "promise_kept", Chosen(), month_of(70), limit=9)
    assert [row.department_id for row in own] == [ground.departments[1]]
    for language in ("zh-CN", "en"):
        desk = at_desk(client.with_(accept_language=language), taxes)
        page = await desk.sees("/console/indicators/promise_kept/rows", month=month_of(70).written)
        assert own[0].number in page
        assert "case_record.promise_on" in page
        assert f"/console/cases/{own[0].id}" in page
        assert "console." not in page.replace("onetrip_console", ""), "a text is missing"
    evaluator = at_desk(client, await staff("evaluator"))
    there = "/console/indicators/promise_kept/rows"
    assert (await evaluator.browser.get(there, params={"month": month_of(70).written}, headers=HTML)).status == 403
    assert there not in await evaluator.sees("/console/indicators/promise_kept")


def month_of(ago: int) -> supervision.Period:
    """The month that lies so many days back."""
    return supervision.period(f"{at(ago):%Y-%m}")


async def test_beside_the_year_before() -> None:
    ground, supervisor = await keep.ground(), (await staff("supervisor")).actor
    ago = (clock.today() - clock.today().replace(year=clock.today().year - 1, day=15)).days
    await kept(ground, [], [Decided(0, 0, ago, 0, 3, granted=True)], supervisor.staff_id)
    await supervision.count_everything()
    one = (await supervision.figures(supervisor, Chosen(), supervision.periods(clock.today())[0])).figures["one_visit"]
    assert (one.now, one.before, one.year_ago) == (Share(0, 0), Share(0, 0), Share(1, 1))


async def test_what_is_hidden_cannot_be_worked_out_of_the_rest() -> None:
    """Whatever small cell is taken from what is told, more than one number of people fits it."""
    kind = thread.measured()["rated_bad"]
    fits: dict[tuple[int, int], set[int]] = {}
    for other in range(3, 41):
        for small in (0, 1, 2):
            figure = supervision.Figure(kind=kind)
            total = figure.told_outside(Share(0, other + small)).whole
            fits.setdefault((total, figure.told_outside(Share(0, other)).whole), set()).add(small)
            assert figure.told_outside(Share(0, small)).hidden is (small > 0)
    assert all(len(numbers) > 1 for numbers in fits.values())


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_wall_tells_and_has_nothing_to_press(client: Client, language: str) -> None:
    ground, who = await keep.ground(), await staff("supervisor")
    await kept(ground, RATINGS, CASES, who.actor.staff_id)
    await supervision.count_everything()
    desk = at_desk(client.with_(accept_language=language), who)
    for tone in ("dark", "light"):
        page = (await desk.browser.get("/console/board/wall", params={"tone": tone}, headers=HTML)).text
        assert "every 30s" in page
        assert all(tag not in page for tag in ("<button", "<a ", "<select", "<input"))
        assert "console." not in page, "a text is missing"
    assert (await desk.browser.get("/console/board/wall", params={"tone": "pink"}, headers=HTML)).status == 422
