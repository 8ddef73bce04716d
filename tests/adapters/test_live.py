"""Wake-ups: after the commit and not before, through Redis where there is one, through the database when it is gone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from server import db
from server.adapters.live import RedisLive
from server.ports import Live

pytestmark = pytest.mark.usefixtures("database")
REDIS = os.environ.get("REDIS_URL", "")
GONE = "redis://127.0.0.1:1/0"

WAYS = [
    pytest.param("", id="database"),
    pytest.param(GONE, id="redis-gone"),
    pytest.param(REDIS, id="redis", marks=pytest.mark.skipif(not REDIS, reason="needs Redis: REDIS_URL=redis://…")),
]


@pytest.fixture(params=WAYS)
async def live(request: pytest.FixtureRequest) -> AsyncIterator[Live]:
    made: Live = RedisLive(request.param) if request.param else db.Wakes()
    yield made
    await made.close()


@db.transactional
async def _undone(live: Live) -> None:
    await live.publish("queue", "undone")
    raise ZeroDivisionError


@db.transactional
async def _say(live: Live, payload: str) -> None:
    await live.publish("queue", payload)


async def test_heard_once_it_is_committed(live: Live) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    stop = await live.subscribe("queue", lambda payload: heard.put_nowait(payload) if payload else None)
    async with db.tx():
        await live.publish("queue", "hall")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await heard.get()
    assert await asyncio.wait_for(heard.get(), 5) == "hall"
    with pytest.raises(ZeroDivisionError):
        await _undone(live)
    stop()
    async with db.tx():
        await live.publish("queue", "after")
    await asyncio.sleep(0.3)
    assert heard.empty()


async def test_a_wake_up_outside_a_transaction_is_refused_whatever_carries_it(live: Live) -> None:
    with pytest.raises(RuntimeError, match=r"belongs inside db\.tx"):
        await live.publish("queue", "at once")


@pytest.mark.skipif(not REDIS, reason="needs Redis: REDIS_URL=redis://…")
async def test_two_databases_of_one_redis_do_not_hear_each_other() -> None:
    address, _, number = REDIS.rpartition("/")
    ours, ours_too, theirs = RedisLive(REDIS), RedisLive(REDIS), RedisLive(f"{address}/{int(number) - 2}")
    heard: asyncio.Queue[str] = asyncio.Queue()
    await ours_too.subscribe("queue", lambda payload: heard.put_nowait(payload) if payload else None)
    try:
        async with asyncio.timeout(5):
            while heard.empty():  # until it is listening
                await _say(ours, "ours")
                await asyncio.sleep(0.05)
        while not heard.empty():
            heard.get_nowait()
        await _say(theirs, "theirs")
        await _say(ours, "last")
        assert await asyncio.wait_for(_next_but(heard, "ours"), 5) == "last"
    finally:
        for live in (ours, ours_too, theirs):
            await live.close()


async def _next_but(heard: asyncio.Queue[str], known: str) -> str:
    while (payload := await heard.get()) == known:
        pass
    return payload
