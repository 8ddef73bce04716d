"""Nothing hostile moves the figures: bursts wait for a look, words are held, and nobody rates their own work."""

from __future__ import annotations

import asyncio
import html
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.actor import Anonymous
from server.errors import Conflict, Forbidden, NotFound
from server.features.ratings import service as ratings
from server.features.ratings.models import Level, Rating
from server.features.ratings.schemas import RateIn
from server.features.ratings.service._guard import rules, to_hold
from server.ports import Ports
from server.web import asking
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.identity import AsCitizen, AsStaff, staff
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk, goes_to
from tests.server.ratings.hostile import attack, services, stands
from tests.server.ratings.test_posters import served
from tests.server.ratings.test_rating import RATINGS, WORST, finished, rate

WATCH = "/console/rectifications/watch"


async def test_a_hostile_crowd_of_one_moves_nothing(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    who, own = await finished(client, ports)
    assert (await rate(who.phone, own, level="satisfied")).status == 200
    await db.execute("UPDATE rating SET source = NULL")  # an honest one, from somewhere else
    item_id: UUID = await db.fetchval("SELECT item_id FROM rating")
    found = await attack(await services(25), 120)
    await stands(found, item_id)
    assert (await client.get(f"{RATINGS}/figures", params={"item_id": str(item_id)})).json["average"] == 4
    supervisor = (await as_staff("supervisor")).actor
    [burst] = (await ratings.to_look_at(supervisor)).bursts
    assert (burst.kind, burst.number) == ("source", 25)
    await ratings.decide_burst(supervisor, burst.id, counted=True, words="一次集中宣传，属实")
    assert (await ratings.figures(item_id)).number == 26
    with pytest.raises(Conflict):
        await ratings.decide_burst(supervisor, burst.id, counted=False, words="再看")
    later = await attack(await services(1), 1)
    assert later.taken == 1
    assert (await ratings.figures(item_id)).looked_into == 1, "what goes on after the look waits for another"


async def test_a_window_cannot_finish_so_many(
    client: Client, ports: Ports, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    _, _, (_, window) = await served(client, as_citizen, as_staff, clock)
    tokens = await services(rules().per_window + 1)
    await db.execute("UPDATE rating SET window_id = $1", window.id)
    wishes = [RateIn(token=one, level=Level.VERY_SATISFIED) for one in tokens]
    await asyncio.gather(*(ratings.rate(Anonymous(address=f"198.51.100.{at}"), wish) for at, wish in enumerate(wishes)))
    assert await db.fetchval("SELECT kind FROM rating_burst") == "window", "also when all come at the same moment"
    assert await db.fetchval("SELECT count(*) FROM rating WHERE burst_id IS NOT NULL") == len(tokens)


@pytest.mark.parametrize("words", ["去死", "去 死！", "去-死", "ＦＵＣＫ you", "f.u.c.k"])
def test_what_is_held(words: str) -> None:
    assert to_hold(words)


def test_what_is_not() -> None:
    assert not any(map(to_hold, ("等了两个小时。", "窗口去了三次", "", "It took two hours")))


async def test_held_words_count_and_wait(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    who, token = await finished(client, ports)
    assert (await rate(client, token, **WORST | {"words": "你们都去死"})).status == 200
    manager, supervisor = (
        (await as_staff("hall_manager", hall=who.office.hall.id)).actor,
        (await as_staff("supervisor")).actor,
    )
    [line] = await ratings.open_rectifications(manager)
    assert (line.words, line.words_held) == (None, True)
    [held] = (await ratings.to_look_at(supervisor)).held
    assert held.words == "你们都去死", "kept whole, dropped by nobody"
    await ratings.decide_words(supervisor, held.id, shown=True)
    assert (await ratings.open_rectifications(manager))[0].words == "你们都去死"
    with pytest.raises(Conflict):
        await ratings.decide_words(supervisor, held.id, shown=False)
    elsewhere = (await as_staff("supervisor", hall=(await make.hall("second", name="别处")).id)).actor
    with pytest.raises(NotFound):
        await ratings.decide_words(elsewhere, held.id, shown=True)


async def test_a_browser_of_the_staff_is_noted_and_ones_own_work_refused(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    clerk = client.in_console(who.office.clerk.cookie)
    refused = await clerk.post(RATINGS, json={"token": token, "level": "very_satisfied"})
    assert (refused.status, refused.json["code"]) == (403, "ratings.own_window")
    with pytest.raises(Forbidden):
        await ratings.rate(Anonymous(), RateIn(token=token, level=Level.SATISFIED), at_desk=who.office.clerk.actor)
    marked = client.with_(cookie=f"{asking.DESK_COOKIE}=1")
    assert (await marked.post(RATINGS, json={"token": token, "level": "very_satisfied"})).status == 200
    assert (await Rating.get()).from_staff
    supervisor = at_desk(client, await staff("supervisor"))
    assert "工作人员用过的浏览器" in await supervisor.sees(WATCH)


async def test_links_and_script_in_words_do_nothing(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    words = '<script>x()</script><a href="https://evil.test">点我</a> https://evil.test'
    await rate(client, token, **WORST | {"words": words})
    manager = at_desk(client, await staff("hall_manager", hall=who.office.hall.id))
    for page in (
        "/console/rectifications",
        f"/console/rectifications/{await db.fetchval('SELECT id FROM rectification')}",
    ):
        seen = await manager.sees(page)
        assert html.escape(words) in seen.replace("&#34;", "&quot;")
        assert "<script>x()" not in seen
        assert 'href="https://evil' not in seen


async def test_a_supervisor_looks(client: Client, ports: Ports) -> None:
    _, token = await finished(client, ports)
    await rate(client, token, **WORST | {"words": "去死"})
    await attack(await services(20), 20)
    desk = at_desk(client, await staff("supervisor"))
    assert "同一网络20条" in await desk.sees(WATCH)
    burst, held = (
        await db.fetchval("SELECT id FROM rating_burst"),
        await db.fetchval("SELECT id FROM rating WHERE words_held"),
    )
    forms: tuple[tuple[str, dict[str, Any]], ...] = (
        (f"{WATCH}/bursts/{burst}", {"verdict": "leave", "words": "同一人刷评"}),
        (f"{WATCH}/words/{held}", {"verdict": "hide"}),
    )
    for path, form in forms:
        assert (await desk.refused(path, {**form, "verdict": "?"}, on=WATCH)).status == 422
        assert goes_to(await desk.does(path, form, on=WATCH)) == WATCH
    seen = await desk.sees(WATCH)
    assert ("同一网络" in seen, "去死" in seen) == (False, False)
    assert (await ratings.figures(None)).number == 1, "held words are those of a rating that counts"
