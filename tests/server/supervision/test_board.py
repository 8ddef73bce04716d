"""What the board shows is what a plain look at every row gives, and each figure leads to what is behind it."""

from __future__ import annotations

import html
import re
from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from server import db
from server.actor import Staff
from server.features.complaints.models import Complaint, Kind
from server.features.complaints.models import State as ComplaintState
from server.features.ratings import service as ratings
from server.features.ratings.models import Rectification, RectificationState
from server.features.supervision import service as supervision
from server.features.supervision.service import Chosen
from server.features.thread import service as thread
from server.features.thread.models import Clock, ClockState
from server.kit import clock
from server.kit.ids import new_id
from server.ports import Ports
from tests.conftest import Clock as TestClock
from tests.factories import open_matters as keep
from tests.factories.identity import staff
from tests.factories.open_matters import Open, day
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, at_desk
from tests.server.ratings.test_rating import WORST, finished, rate

pytestmark = pytest.mark.usefixtures("client")

OPEN = {
    "accept": ("submitted",),
    "decide": ("accepted", "accepted_with_deficiency", "in_review"),
    "complaints": ("routed",),
    "rectifications": ("assigned",),
}
Figures = Counter[tuple[str, int, int | None, str]]


def matters(*states: str) -> st.SearchStrategy[list[Open]]:
    days = st.integers(-12, 12)
    place = st.tuples(st.sampled_from(states), st.integers(0, 1), st.sampled_from([None, 0, 1]))
    row = st.tuples(place, days, st.integers(0, 9), st.booleans())
    return st.lists(row.map(lambda one: Open(*one[0], one[1], one[1] + one[2], one[3])), max_size=9)


def light_of(kind: str, one: Open, on: int = 0) -> str:
    """What the one row itself says of its light, so many days from now."""
    today = day(on)
    if kind == "complaints":
        return Complaint(kind=Kind.QUESTION, state=ComplaintState(one.state), due_on=day(one.last)).light(today)
    if kind == "rectifications":
        return Rectification(state=RectificationState(one.state), red_on=day(one.first), due_on=day(one.last)).light(
            today
        )
    state = ClockState.PAUSED if one.paused else ClockState.RUNNING
    return Clock(promise_on=day(one.first), law_on=day(one.last), state=state).light(today)


@settings(
    max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    handed_in=matters("submitted", "accepted", "accepted_with_deficiency", "in_review", "withdrawn"),
    complained=matters("routed"),
    bad=matters("assigned"),
)
async def test_the_figures_are_those_of_the_rows(
    handed_in: list[Open], complained: list[Open], bad: list[Open]
) -> None:
    await db.execute("TRUNCATE thread, complaint, rating CASCADE")
    at = await keep.ground()
    await keep.cases(at, handed_in)
    await keep.complaints(at, complained)
    await keep.rectifications(at, bad)
    rows = {"accept": handed_in, "decide": handed_in, "complaints": complained, "rectifications": bad}
    supervisor = (await staff("supervisor")).actor
    expected: Figures = Counter()
    for kind, several in rows.items():
        for one in several:
            if one.state in OPEN[kind]:
                light = light_of(kind, one)
                expected[kind, one.department, one.hall, light] += 1
                if light in ("green", "amber") and light_of(kind, one, on=1) != light:
                    expected[kind, one.department, one.hall, "turning"] += 1
    assert await shown(supervisor, at) == expected
    await each_figure_leads_to_its_matters(supervisor, at, expected)


async def shown(actor: Staff, at: keep.Ground) -> Figures:
    """The figures of the board, department by department and hall by hall."""
    found: Figures = Counter()
    for nth, department in enumerate(at.departments):
        board = await supervision.board(actor, Chosen(department=department))
        for place in board.halls:
            hall = None if place.id is None else at.halls.index(place.id)
            for kind, one in place.kinds.items():
                for light in (*supervision.LIGHTS, "turning"):
                    found[kind, nth, hall, light] += getattr(one, light)
    return +found


async def each_figure_leads_to_its_matters(actor: Staff, at: keep.Ground, expected: Figures) -> None:
    for (kind, department, hall, light), number in expected.items():
        if hall is not None:
            chosen = Chosen(department=at.departments[department], hall=at.halls[hall])
            asked: dict[str, Any] = {"turning": True} if light == "turning" else {"light": light}
            _, rows = await supervision.matters(actor, kind, chosen, limit=99, **asked)
            assert len(rows) == number, (kind, light)


async def test_each_sees_only_their_own(client: Client) -> None:
    at = await keep.ground()
    await keep.cases(at, [Open("accepted", 0, 0, -3, -1), Open("accepted", 1, 1, -3, 5), Open("in_review", 1, 0, 5, 9)])
    county = await staff("supervisor")
    town = await staff("supervisor", region="341226100")
    here = await staff("hall_manager", hall=at.halls[0])
    taxes = await staff("reviewer", department=at.departments[1])
    sees = {}
    for name, who in {"county": county, "town": town, "here": here, "taxes": taxes}.items():
        one = (await supervision.board(who.actor, Chosen())).kinds["decide"]
        sees[name] = (one.red, one.amber, one.green)
    assert sees == {"county": (1, 1, 1), "town": (0, 1, 0), "here": (1, 0, 1), "taxes": (0, 1, 1)}
    desk = at_desk(client, here)
    assert "样例" in await desk.sees("/console/board/decide", light="red")
    beyond = {"hall": str(at.halls[1])}
    for path in ("/console/board", "/console/board/now", "/console/board/decide"):
        assert (await desk.browser.get(path, params=beyond, headers=HTML)).status == 404
    assert (await desk.browser.get("/console/board/nothing", headers=HTML)).status == 404
    clerk = at_desk(client, await staff("clerk", hall=at.halls[0]))
    assert (await clerk.browser.get("/console/board", headers=HTML)).status == 403


async def test_a_figure_of_one_region_leads_to_the_matters_of_that_region(client: Client) -> None:
    at = await keep.ground()
    await keep.cases(at, [Open("accepted", 0, 0, -3, -1), Open("accepted", 0, 1, -3, -1)])
    desk = at_desk(client, await staff("supervisor"))
    page = html.unescape(await desk.sees("/console/board", region="341226100"))
    ways = [urlsplit(way) for way in re.findall(r'href="(/console/board/decide\?[^"]*light=red[^"]*)"', page)]
    assert len(ways) == 3, "the kind, its department, its hall"
    for way in ways:
        assert (await desk.sees(way.path, **dict(parse_qsl(way.query)))).count("样例") == 1, way.query


async def test_every_matter_behind_a_figure_opens_and_a_supervisor_has_it_seen_to(client: Client) -> None:
    at = await keep.ground()
    await keep.cases(at, [Open("accepted", 0, 0, -3, -1), Open("submitted", 1, 1, -3, -1)])
    desk = at_desk(client, await staff("supervisor"))
    for kind in ("decide", "accept"):
        rows = html.unescape(await desk.sees(f"/console/board/{kind}"))
        way = re.findall(rf'class="button" href="(/console/board/{kind}/[^"]+)"', rows)
        assert len(way) == 1, "one click to the thing"
        page = await desk.sees(way[0])
        assert "样例" in page
        assert "console." not in page.replace("onetrip_console", ""), "a text is missing"
        asked = {"department": str(at.departments[kind == "accept"]), "words": "请说明", "days": "5"}
        assert asked["department"] in page
        await desk.does("/console/assignments", asked, on=way[0])
    assert (await desk.sees("/console/assignments")).count("请说明") == 2
    town = at_desk(client, await staff("supervisor", region="341226999"))
    assert (await town.browser.get(way[0], headers=HTML)).status == 404, "somebody else's looks like none"
    here = at_desk(client, await staff("hall_manager", hall=at.halls[1]))
    own = re.findall(r'class="button" href="(/console/cases/[^"]+)"', await here.sees("/console/board/accept"))
    assert len(own) == 1, "whose desk it is goes there"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_pages_say_everything(client: Client, language: str) -> None:
    at = await keep.ground()
    await keep.cases(
        at, [Open("accepted", 0, 0, -3, -1), Open("submitted", 1, 1, 0, 4), Open("accepted", 0, 0, 2, 9, paused=True)]
    )
    await keep.complaints(at, [Open("routed", 0, None, 0, -2)])
    desk = at_desk(client.with_(accept_language=language), await staff("supervisor"))
    pages = [await desk.sees("/console/board"), await desk.sees("/console/board/now")]
    pages += [await desk.sees(f"/console/board/{kind}") for kind in supervision.kinds()]
    for page in pages:
        assert "console." not in page.replace("onetrip_console", ""), "a text is missing"
    assert "/console/board/decide?light=red&amp;department=" in pages[0]


async def test_the_board_moves_with_a_bad_rating(client: Client, ports: Ports, clock: TestClock) -> None:
    """From one star to the answer: green at once, red on the fifth day, gone once it is answered."""
    who, token = await finished(client, ports)
    supervisor = (await staff("supervisor")).actor

    async def stands() -> tuple[int, int, int]:
        one = (await supervision.board(supervisor, Chosen())).kinds["rectifications"]
        return one.green, one.amber, one.red

    assert await stands() == (0, 0, 0)
    assert (await rate(who.phone, token, **WORST)).status == 200
    assert await stands() == (1, 0, 0)
    clock.advance(days=5)
    assert await stands() == (0, 0, 1)
    _, rows = await supervision.matters(supervisor, "rectifications", Chosen(), light="red", limit=9)
    assert [row.number for row in rows] == [None], "the office does not learn who rated"
    manager = await staff("hall_manager", hall=who.office.hall.id)
    work = rows[0].id
    await ratings.verify(manager.actor, work, founded=False, finding="当天系统中断，已记录。")
    assert await stands() == (0, 0, 1)
    await ratings.call_back(manager.actor, work, reached=True, words="已致歉。")
    await ratings.answer(manager.actor, work, words="当天系统中断，给您添麻烦了。")
    assert await stands() == (0, 0, 0)


async def test_what_nobody_collects_turns_by_the_rule_of_its_hall() -> None:
    """Asked after on the seventh day: amber; in the last three of the thirty days it is kept: red."""
    at = await keep.ground()
    await keep.cases(at, [Open("withdrawn", 0, 0, 0, 0)] * 3)
    for days, case in zip((0, 7, 27), await db.fetch("SELECT id, thread_id FROM case_record"), strict=True):
        await db.execute(
            "INSERT INTO delivery (id, created_at, thread_id, case_id, person_id, hall_id, department_id, state,"
            " pickup_code_sealed, pickup_index, ready_at, made_at, method)"
            " VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, 'ready_to_collect', '\\x00', uuid_send($1), $2, 'window',"
            " 'counter')",
            new_id(), clock.now() - timedelta(days=days), case["thread_id"], case["id"], at.person, at.halls[0],
            at.departments[0],
        )  # fmt: skip
    one = (await supervision.board((await staff("supervisor")).actor, Chosen())).kinds["results"]
    assert (one.green, one.amber, one.red) == (1, 1, 1)


async def test_whatever_is_watched_is_declared_in_the_one_shape() -> None:
    """A feature that runs a clock is on the board by its own statement, which gives all that the board reads."""
    everywhere = thread.Watcher(None, None)
    assert set(thread.watched()) == set(supervision.kinds())
    for kind in thread.watched():
        assert await thread.lights(kind, everywhere) == []
        assert await thread.lit(kind, everywhere, thread.Sought(), limit=1) == []
