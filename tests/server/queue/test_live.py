"""Whoever watches hears of it: phones by long poll, screens by a stream, one look at the database for all of them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import pytest

from server import db
from server.actor import Anonymous
from server.features.queue import service as queue
from server.features.queue.schemas import WaitOut
from server.features.queue.service import _live, _pace
from server.features.queue.service._board import Board, load
from server.kit import clock as clocks
from server.kit.ids import new_id
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, bookable
from tests.factories.identity import AsCitizen, AsStaff
from tests.factories.queue import line, served, watched
from tests.fixtures_web import Client

NOBODY = Anonymous()
PHONES = 60
# Half the time after which a hall is looked at anyway: whoever hears sooner was woken.
WOKEN_SECONDS = _live.RECHECK_SECONDS / 2


async def opened() -> Bookable:
    place = await bookable()
    await queue.set_policy(place.hall.id, every_day=True, walk_in_from=0, walk_in_until=1440)
    return place


async def test_many_phones_hear_at_once_by_one_look(
    client: Client, as_staff: AsStaff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty here, five hundred in the benchmark, which takes the time: the hall is looked at once or twice."""
    place = await opened()
    taken = [await queue.walk_in_at_kiosk(NOBODY, place.hall.id, "general", device_id=new_id()) for _ in range(PHONES)]
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    window = await make.window(place.hall, 1)
    shown = [(await client.get(f"/api/v1/places/{one.code}")).json for one in taken]
    polls = [
        asyncio.create_task(news_of(client, one.code, seen["version"])) for one, seen in zip(taken, shown, strict=True)
    ]
    await watched(place.hall.id, PHONES)
    assert not any(poll.done() for poll in polls)
    looks = 0

    async def counted(hall_id: UUID) -> Board:
        nonlocal looks
        looks += 1
        return await load(hall_id)

    monkeypatch.setattr(_live, "load", counted)
    began = time.monotonic()
    await queue.call_next(clerk, window.id)
    answers = await asyncio.gather(*polls)
    assert time.monotonic() - began < WOKEN_SECONDS
    assert looks <= 2
    assert answers[0]["state"] == "called"
    assert [one["ahead"] for one in answers[1:]] == list(range(PHONES - 1))
    assert not _live._rooms, "the last who goes closes the room"


async def test_what_was_missed_between_two_polls_is_answered_at_once(client: Client, as_staff: AsStaff) -> None:
    """The phone slept, or was between two polls, when somebody ahead was called."""
    place = await opened()
    taken = [await queue.walk_in_at_kiosk(NOBODY, place.hall.id, "general", device_id=new_id()) for _ in range(3)]
    seen = (await client.get(f"/api/v1/places/{taken[2].code}")).json
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    await queue.call_next(clerk, (await make.window(place.hall, 1)).id)
    began = time.monotonic()
    answer = await client.get(f"/api/v1/places/{taken[2].code}", params={"version": seen["version"], "wait": 20})
    assert (answer.json["ahead"], time.monotonic() - began < WOKEN_SECONDS) == (1, True)


async def news_of(client: Client, code: str | None, version: int) -> Any:  # noqa: ANN401 - JSON
    """What a phone hears next: it asks again when nothing has happened for as long as it may wait."""
    while True:
        told = (await client.get(f"/api/v1/places/{code}", params={"version": version, "wait": 20})).json
        if told["version"] != version:
            return told


async def wait_of(client: Client, code: str | None) -> Any:  # noqa: ANN401 - JSON
    """What the phone is told now, whatever was known a moment ago."""
    _pace.forget()
    _live._recent.clear()
    return (await client.get(f"/api/v1/places/{code}")).json["wait"]


async def test_the_estimate_is_from_recent_visits_or_not_given(client: Client, as_staff: AsStaff) -> None:
    place = await opened()
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    first, _ = [await make.window(place.hall, number) for number in (1, 2)]
    taken = [await queue.walk_in_at_kiosk(NOBODY, place.hall.id, "general", device_id=new_id()) for _ in range(8)]
    await queue.call_next(clerk, first.id)
    assert await wait_of(client, taken[7].code) is None
    for nth in range(5):
        await served(place.hall.id, clocks.now() - timedelta(days=1, minutes=nth), 10, f"C{nth}")
    # Six are ahead of the last at ten minutes each, and the one at the window has only begun: about seventy.
    wait = await wait_of(client, taken[7].code)
    assert wait["low"] <= 70 <= wait["high"]
    alone = wait["high"]
    # Nobody can know what no window does at all.
    await queue.finish(clerk, taken[0].id)
    await queue.pause(clerk, first.id)
    assert await wait_of(client, taken[7].code) is None
    await queue.reopen(clerk, first.id)
    # A second window that calls halves it.
    await queue.call_next(clerk, (await make.window(place.hall, 2)).id)
    assert (await wait_of(client, taken[7].code))["high"] <= alone * 0.6


async def test_a_window_that_is_free_now_promises_no_wait_of_nothing(client: Client, as_staff: AsStaff) -> None:
    place = await opened()
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    for number in (1, 2):
        assert await queue.call_next(clerk, (await make.window(place.hall, number)).id) is None
    for nth in range(5):
        await served(place.hall.id, clocks.now() - timedelta(days=1, minutes=nth), 10, f"C{nth}")
    taken = await queue.walk_in_at_kiosk(NOBODY, place.hall.id, "general", device_id=new_id())
    assert await wait_of(client, taken.code) == {"low": 0, "high": 5}
    (crowd,) = await queue.crowds("zh-CN", [place.hall.id])
    assert crowd.wait == WaitOut(low=0, high=5)


async def test_a_message_at_three_ahead_once(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await opened()
    await line(place.hall.id, 5)
    clock.advance(seconds=1)
    ticket = await queue.walk_in_at_kiosk(NOBODY, place.hall.id, "general", device_id=new_id())
    someone = await as_citizen()
    await db.execute("UPDATE ticket SET person_id = $2 WHERE id = $1", ticket.id, someone.person_id)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    window = await make.window(place.hall, 1)
    told = []
    for _ in range(5):
        called = await queue.call_next(clerk, window.id)
        assert called is not None
        told.append(await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'queue.soon'"))
        await queue.finish(clerk, called)
    assert told == [0, 1, 1, 1, 1]


async def _stream(client: Client, hall: object, **headers: str) -> AsyncIterator[tuple[str, str, str]]:
    """Read the stream as a browser does: (event, id, data)."""
    async with client.session.get(
        f"{client.base}/screen/{hall}/live", headers=headers, timeout=aiohttp.ClientTimeout(total=30)
    ) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.headers["content-type"].startswith("text/event-stream")
        kept: dict[str, str] = {}
        async for raw in answer.content:
            name, _, value = raw.decode().rstrip("\n").partition(": ")
            if name:
                kept[name] = value
            elif "data" in kept:
                yield kept["event"], kept["id"], kept["data"]
                kept = {}


async def test_the_screen_streams_and_takes_up_where_it_was(client: Client, as_staff: AsStaff) -> None:
    place = await opened()
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    window = await make.window(place.hall, 1)
    await queue.walk_in_at_kiosk(NOBODY, place.hall.id, "general", device_id=new_id())
    stream = _stream(client, place.hall.id)
    event, _, data = await anext(stream)
    assert (event, json.loads(data)["waiting"], json.loads(data)["calls"]) == ("board", 1, [])
    began = time.monotonic()
    await queue.call_next(clerk, window.id)
    event, version, data = await anext(stream)
    assert (event, time.monotonic() - began < WOKEN_SECONDS) == ("board", True)
    call = json.loads(data)["calls"][0]
    assert (call["number"], call["window"], call["until"] > call["called_at"]) == ("B001", window.name, True)
    await stream.aclose()  # type: ignore[attr-defined]
    again = _stream(client, place.hall.id, **{"last-event-id": version})
    assert (await anext(again))[0] == "beat"
    await again.aclose()  # type: ignore[attr-defined]
    polled = await client.get(f"/api/v1/halls/{place.hall.id}/board", params={"version": version, "wait": 1})
    assert polled.json["calls"][0]["number"] == "B001"
    assert (await client.get(f"/screen/{uuid4()}/live")).status == 404


async def test_what_is_called_while_a_screen_is_being_told_comes_at_once(client: Client, as_staff: AsStaff) -> None:
    place = await opened()
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    window = await make.window(place.hall, 1)
    await queue.walk_in_at_kiosk(NOBODY, place.hall.id, "general", device_id=new_id())
    slow, quick = (queue.boards(NOBODY, place.hall.id) for _ in range(2))
    await anext(slow)
    await anext(quick)
    await queue.call_next(clerk, window.id)
    called = await anext(quick)
    # The line to this screen has taken all that time for the board before.
    assert (await asyncio.wait_for(anext(slow), WOKEN_SECONDS)).version == called.version
    for screen in (slow, quick):
        await screen.aclose()  # type: ignore[attr-defined]


async def test_nothing_on_the_screen_is_personal(client: Client, as_staff: AsStaff) -> None:
    place = await opened()
    await queue.walk_in_at_kiosk(NOBODY, place.hall.id, "general", device_id=new_id())
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    await queue.call_next(clerk, (await make.window(place.hall, 1)).id)
    board = (await client.get(f"/api/v1/halls/{place.hall.id}/board")).json
    assert set(board) == {"hall", "calls", "kinds", "waiting", "at", "version"}
    assert set(board["calls"][0]) == {"number", "window", "calls", "called_at", "until"}
    page = await client.get(f"/screen/{place.hall.id}")
    assert (page.status, "B001" in page.text) == (200, True)


async def test_a_lost_database_leaves_the_screen_as_it_was(client: Client, as_staff: AsStaff) -> None:
    """Whoever listens is told that something may have been missed, and looks again."""
    place = await opened()
    ticket = await queue.walk_in_at_kiosk(NOBODY, place.hall.id, "general", device_id=new_id())
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    seen = (await client.get(f"/api/v1/places/{ticket.code}")).json
    poll = asyncio.create_task(
        client.get(f"/api/v1/places/{ticket.code}", params={"version": seen["version"], "wait": 20})
    )
    await watched(place.hall.id, 1)
    await db.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'onetrip listen' AND datname = current_database()"
    )
    await queue.call_next(clerk, (await make.window(place.hall, 1)).id)
    answer = await asyncio.wait_for(poll, 10)
    assert answer.json["state"] == "called"


async def test_a_look_that_fails_is_taken_again(
    client: Client, as_staff: AsStaff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement that took too long ended the room's task, and everybody stood before a frozen screen."""
    place = await opened()
    failed = asyncio.Event()

    async def shaky(hall_id: UUID) -> Board:
        if not failed.is_set():
            failed.set()
            raise asyncpg.QueryCanceledError("canceling statement due to statement timeout")
        return await load(hall_id)

    ticket = await queue.walk_in_at_kiosk(NOBODY, place.hall.id, "general", device_id=new_id())
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    seen = (await client.get(f"/api/v1/places/{ticket.code}")).json
    asked = {"version": seen["version"], "wait": 20}
    poll = asyncio.create_task(client.get(f"/api/v1/places/{ticket.code}", params=asked))
    await watched(place.hall.id, 1)
    monkeypatch.setattr(_live, "load", shaky)
    async with db.tx():
        await _live.changed(place.hall.id)
    await failed.wait()
    await queue.call_next(clerk, (await make.window(place.hall, 1)).id)
    answer = await asyncio.wait_for(poll, WOKEN_SECONDS)
    assert answer.json["state"] == "called"


async def test_a_hall_that_is_slow_to_look_at_holds_up_no_other(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, other = await opened(), await make.hall("town", region_code="341226100")
    stuck = asyncio.Event()

    async def slow(hall_id: UUID) -> Board:
        if hall_id == place.hall.id:
            await stuck.wait()
        return await load(hall_id)

    monkeypatch.setattr(_live, "load", slow)

    async def watches(hall_id: UUID) -> None:
        async with _live.watched(hall_id):
            pass

    waits = asyncio.create_task(watches(place.hall.id))
    await asyncio.sleep(0)
    await asyncio.wait_for(watches(other.id), WOKEN_SECONDS)
    assert not waits.done()
    stuck.set()
    await waits
