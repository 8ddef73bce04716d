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
from server.features.identity import service as identity
from server.features.ratings import service as ratings
from server.features.ratings.models import Level, Rating
from server.features.ratings.schemas import RateIn
from server.features.ratings.service._guard import rules
from server.kit.held_words import to_hold
from server.ports import Ports
from server.web import asking
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.identity import AsCitizen, AsStaff, staff
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk, goes_to
from tests.server.ratings.hostile import attack, attack_over_http, services, stands
from tests.server.ratings.test_posters import served
from tests.server.ratings.test_rating import RATINGS, WORST, finished, rate
from tests.server.ratings.test_rectifying import WAY, do, judge, rated

WATCH = "/console/rectifications/watch"


async def test_a_hostile_crowd_of_one_moves_nothing(
    client: Client, ports: Ports, as_staff: AsStaff, as_citizen: AsCitizen
) -> None:
    who, own = await finished(client, ports)
    assert (await rate(who.phone, own, level="satisfied")).status == 200
    await db.execute("UPDATE rating SET source = NULL")  # an honest one, from somewhere else
    item_id: UUID = await db.fetchval("SELECT item_id FROM rating")
    tokens = await services(25)
    found = await attack(tokens, 120, people=[(await as_citizen()).actor])
    await attack_over_http(client, tokens)
    await stands(found, item_id)
    assert (await client.get(f"{RATINGS}/figures", params={"item_id": str(item_id)})).json["number"] == 1
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


async def test_a_burst_over_several_halls_is_not_decided_in_one(
    client: Client, ports: Ports, as_staff: AsStaff
) -> None:
    await finished(client, ports)
    tokens = await services(rules().per_source + 1)
    for token in tokens:
        await ratings.rate(Anonymous(address="198.51.100.7"), RateIn(token=token, level=Level.VERY_SATISFIED))
    burst: UUID = await db.fetchval("SELECT id FROM rating_burst")
    here, there = await make.hall("here", name="这里"), await make.hall("there", name="那里")
    await db.execute("UPDATE rating SET hall_id = $1", here.id)
    await db.execute("UPDATE rating SET hall_id = $1 WHERE token = $2", there.id, tokens[0])
    own = (await as_staff("supervisor", hall=here.id)).actor
    with pytest.raises(Forbidden, match=r"ratings\.burst_elsewhere"):
        await ratings.decide_burst(own, burst, counted=True, words="都算")
    assert await db.fetchval("SELECT looked_at FROM rating_burst") is None
    await ratings.decide_burst((await as_staff("supervisor")).actor, burst, counted=False, words="刷评")


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
    [line] = (await (await ratings.rectifications(manager)).page()).items
    assert (line.words, line.words_held) == (None, True)
    [held] = (await ratings.to_look_at(supervisor)).held
    assert held.words == "你们都去死", "kept whole, dropped by nobody"
    await ratings.decide_words(supervisor, held.id, shown=True)
    assert (await (await ratings.rectifications(manager)).page()).items[0].words == "你们都去死"
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


async def test_an_officers_own_phone_is_noted_by_what_names_are_found_by(
    client: Client, ports: Ports, as_staff: AsStaff
) -> None:
    who, token = await finished(client, ports)
    assert (await rate(who.phone, token, level="very_satisfied")).status == 200
    assert not (await Rating.get()).from_staff, "a stranger to the window"
    await db.execute("UPDATE rating SET state = 'open', level = NULL, given_at = NULL, channel = NULL")
    clerk, bystander = who.office.clerk.actor.staff_id, (await as_staff("clerk")).actor.staff_id
    assert who.someone.actor.person_id
    name = (await identity.person(who.someone.actor.person_id)).name
    for staff_id, noted in ((bystander, False), (clerk, True)):
        sealed = db.seal("staff", "name_sealed", staff_id, name)
        await db.execute("UPDATE staff SET name_sealed = $2 WHERE id = $1", staff_id, sealed)
        assert (await rate(who.phone, token, level="very_satisfied")).status == 200
        assert (await Rating.get()).from_staff is noted
        await db.execute("UPDATE rating SET state = 'open', level = NULL, given_at = NULL, channel = NULL")


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


async def test_reopening_words_are_looked_at_like_the_ratings(client: Client, ports: Ports) -> None:
    who, token, work = await rated(client, ports)
    manager, supervisor = await staff("hall_manager", hall=who.office.hall.id), await staff("supervisor")
    for deed in WAY:
        await do(deed, manager, work)
    assert (await judge(who.phone, token, satisfied=False, words="还是不行，去 死！")).status == 200
    for officer, words in ((manager, None), (supervisor, "还是不行，去 死！")):
        [reopened] = [one for one in (await ratings.rectification(officer.actor, work)).deeds if one.deed == "reopen"]
        assert (reopened.held, reopened.words) == (True, words)
    assert "去 死" not in await at_desk(client, manager).sees(f"/console/rectifications/{work}")
