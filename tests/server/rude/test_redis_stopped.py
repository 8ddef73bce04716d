"""Redis hangs, is killed and comes back while people book, take numbers and watch: nobody is turned away.

A Redis of the test's own on a free port, two web workers that use it, and a crowd. What hangs in Redis (rate limits,
wake-ups) falls back to the process and the database, and goes back when Redis is there again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from random import Random
from typing import Any

import aiohttp
import pytest
import redis

from server.kit.ids import token
from tests.server.db.kill_matrix import folder
from tests.server.rude.rush import WALK_INS, Rush, compare, seeded
from tests.smoke.processes import Place, Running, free_port, place, until

SERVER = shutil.which("redis-server")
PEOPLE, CAPACITY, SLOTS = 24, 4, 5
# A lost wake-up is made up for by a look every ten seconds; nothing here is allowed to need that.
SECONDS = 5.0
WATCHING = 6

pytestmark = pytest.mark.skipif(SERVER is None, reason="needs redis-server on this machine's PATH")


class Redis:
    """One Redis that keeps nothing."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        words = [str(SERVER), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        until(self.answers)

    def answers(self) -> bool:
        with contextlib.suppress(redis.RedisError), redis.Redis.from_url(self.url, socket_timeout=0.5) as asked:
            return bool(asked.ping())
        return False

    def signal(self, what: int) -> None:
        os.kill(self.process.pid, what)
        if what == signal.SIGKILL:
            self.process.wait()


@pytest.fixture
def helper() -> Iterator[Redis]:
    running = Redis()
    yield running
    if running.process.poll() is None:
        running.signal(signal.SIGKILL)


@pytest.fixture
def here() -> Iterator[Place]:
    with folder() as var, place(var) as here:
        yield here


@pytest.fixture
def web(here: Place, helper: Redis) -> Running:
    running = here.start("web", REDIS_URL=helper.url)
    until(lambda: running.answers() == 200 or running.process.poll() is not None, 60)
    assert running.answers() == 200, running.said()
    return running


async def ask(session: aiohttp.ClientSession, method: str, address: str, **more: Any) -> Any:  # noqa: ANN401 - JSON
    async with session.request(method, address, **more) as answer:
        body = await answer.read()
        assert answer.status < 300, body
        return json.loads(body)


async def told_within(rush: Rush, person: str) -> float:
    """Let several watch the hall by long poll, take a number, and give the seconds until the last of them knew."""
    board = f"{rush.base}/api/v1/halls/{rush.hall}/board"
    headers = {"authorization": f"Bearer {person}", "idempotency-key": token()}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def watch(seen: Any) -> None:  # noqa: ANN401 - JSON
            known = seen
            while known["waiting"] <= seen["waiting"]:
                known = await ask(session, "GET", board, params={"version": known["version"], "wait": 20})

        seen = await ask(session, "GET", board)
        polls = [asyncio.create_task(watch(seen)) for _ in range(WATCHING)]
        await asyncio.sleep(0.5)
        began = time.monotonic()
        wish = {"token": rush.door, "skill": "general"}
        rush.others.add((await ask(session, "POST", rush.base + WALK_INS, json=wish, headers=headers))["number"])
        await asyncio.gather(*polls)
        return time.monotonic() - began


async def test_redis_stopped_in_the_middle(here: Place, web: Running, helper: Redis) -> None:
    chance = Random(20261121)
    rush = seeded(here, web, chance, people=PEOPLE + 4, capacity=CAPACITY, slots=SLOTS)
    rush.keeps, rush.door = 0.02, rush.wall
    watchers, rush.tokens = rush.tokens[PEOPLE:], rush.tokens[:PEOPLE]
    took: dict[str, float] = {}

    async def trouble() -> None:
        await asyncio.sleep(1)
        took["with it"] = await told_within(rush, watchers[0])
        helper.signal(signal.SIGSTOP)
        took["while it hangs"] = await told_within(rush, watchers[1])
        helper.signal(signal.SIGKILL)
        took["without it"] = await told_within(rush, watchers[2])
        await asyncio.to_thread(helper.start)
        await asyncio.sleep(2)
        took["with it again"] = await told_within(rush, watchers[3])

    await rush.run(trouble())
    await rush.again()
    await compare(rush, here)
    assert not rush.faults, "\n".join(rush.faults[:20])
    assert max(took.values()) < SECONDS, took
    assert (rush.hung_up, rush.turned_away) == (0, 0), "Redis is a helper: nobody may feel that it is gone"
    assert len([deed for deed in rush.deeds if deed.status == 201]) > PEOPLE
    assert "redis is gone" in web.said()
    assert " failed: " not in web.said()
