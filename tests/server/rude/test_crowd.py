"""Two hundred phones try five thousand times for fifty places through two workers: fifty get one, all are answered."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from random import Random

import aiohttp
import asyncpg
import pytest

from server.config import Settings
from server.db import embedded
from server.kit.ids import token
from tests.server.db.kill_matrix import folder
from tests.server.rude.rush import Rush, seeded
from tests.smoke.processes import ROOT, Place, Running, free_port, place, until

PEOPLE, PLACES, TRIES = 200, 50, 25


@pytest.fixture
def here() -> Iterator[Place]:
    with folder() as var, place(var) as here:
        yield here


def serving(here: Place) -> Running:
    web = here.start("web", LOG_LEVEL="ERROR")
    until(lambda: web.answers() == 200 or web.process.poll() is not None, 60)
    assert web.answers() == 200, web.said()
    until(lambda: len(web.children("--socket")) == 2)
    return web


async def rushed(base: str, rush: Rush) -> Counter[tuple[int, str]]:
    said: Counter[tuple[int, str]] = Counter()
    wish = {"item_id": rush.item, "slot_id": rush.slots[0]}

    async def taps(session: aiohttp.ClientSession, person: str) -> None:
        for _ in range(TRIES):
            headers = {"authorization": f"Bearer {person}", "idempotency-key": token()}
            async with session.post(f"{base}/api/v1/bookings", json=wish, headers=headers) as answer:
                body = await answer.read()
                said[answer.status, "" if answer.status == 201 else json.loads(body)["code"]] += 1

    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=60)
    ) as session:
        await asyncio.gather(*(taps(session, one) for one in rush.tokens))
    return said


async def counted(here: Place, slot: str) -> tuple[int, int]:
    connection = await asyncpg.connect(embedded.address(Settings.load(here.environment, env_file=None)))
    taken = await connection.fetchval("SELECT taken FROM slot WHERE id = $1::text::uuid", slot)
    booked = await connection.fetchval("SELECT count(*) FROM booking WHERE slot_id = $1::text::uuid", slot)
    await connection.close()
    return taken, booked


async def test_fifty_places_for_two_hundred(here: Place) -> None:
    web = serving(here)
    rush = seeded(here, web, Random(4), people=PEOPLE, capacity=PLACES, slots=1)
    said = await rushed(web.base, rush)
    assert said[201, ""] == PLACES, said
    assert sum(said.values()) == PEOPLE * TRIES
    assert set(said) <= {(201, ""), (409, "booking.slot_full"), (409, "booking.already_booked")}, said
    assert await counted(here, rush.slots[0]) == (PLACES, PLACES)


async def test_the_same_crowd_oversells_without_the_guard(here: Place) -> None:
    web = serving(here)
    rush = seeded(here, web, Random(5), people=PEOPLE, capacity=PLACES, slots=1)
    port = free_port()
    bare = subprocess.Popen(  # noqa: ASYNC220 - started once, before anybody taps
        [sys.executable, "-m", "tests.server.rude.unguarded", str(port)],
        cwd=ROOT,
        env=here.environment,
        stdin=subprocess.PIPE,
    )
    try:
        running = Running(bare, here.folder / "bare.log", f"http://127.0.0.1:{port}")
        until(lambda: running.answers() == 200, 60)
        said = await rushed(running.base, rush)
    finally:
        bare.kill()
        bare.communicate()
    assert said[201, ""] > PLACES, f"this crowd proves nothing: it could not have oversold ({said})"
