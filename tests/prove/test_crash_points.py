"""A worker that dies at each point of a deed, again and again: a retry with its key finds one effect, one answer."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from random import Random

import asyncpg
import pytest

from server.config import Settings
from server.db import embedded
from server.kit.ids import token
from tests.server.db.kill_matrix import folder
from tests.server.rude.crashing import POINTS
from tests.server.rude.rush import Rush, seeded
from tests.smoke.processes import ROOT, Place, Running, free_port, place, until

TIMES = int(os.environ.get("ROUNDS", "20"))


@pytest.fixture(scope="module")
def here() -> Iterator[Place]:
    # Not below pytest's own folder: every new session closes that to PostgreSQL's user.
    with folder() as var, place(var) as here:
        yield here


@pytest.fixture(scope="module")
def web(here: Place) -> Running:
    running = here.start("web", WEB_WORKERS="1")
    until(lambda: running.answers() == 200 or running.process.poll() is not None, 60)
    assert running.answers() == 200, running.said()
    return running


@pytest.fixture(scope="module")
def rush(here: Place, web: Running) -> Rush:
    return seeded(here, web, Random(1), people=len(POINTS) * TIMES, capacity=len(POINTS) * TIMES, slots=1)


@pytest.fixture
async def connection(here: Place, rush: Rush) -> AsyncIterator[asyncpg.Connection]:
    """Beside every pool."""
    opened = await asyncpg.connect(embedded.address(Settings.load(here.environment, env_file=None)))
    yield opened
    await opened.close()


def book(base: str, rush: Rush, person: str, key: str) -> tuple[int, bytes, bool]:
    """Book; status 0 is a hang-up. The last part says whether the answer was an old one."""
    headers = {"authorization": f"Bearer {person}", "idempotency-key": key, "content-type": "application/json"}
    wish = json.dumps({"item_id": rush.item, "slot_id": rush.slots[0]}).encode()
    request = urllib.request.Request(base + "/api/v1/bookings", data=wish, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read(), answer.headers.get("idempotency-replayed") == "true"
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read(), False
    except OSError:
        return 0, b"", False


@contextlib.contextmanager
def crasher(here: Place, point: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.server.rude.crashing", point, str(port)],
        cwd=ROOT, env=here.environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    probe = Running(process, here.folder / "unused", base)
    until(lambda: probe.answers() == 200 or process.poll() is not None, 60)
    try:
        yield base, process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("point", POINTS)
async def test_one_effect_and_one_answer(
    here: Place, web: Running, rush: Rush, connection: asyncpg.Connection, point: str
) -> None:
    for number in range(TIMES):
        person, key = rush.tokens[list(POINTS).index(point) * TIMES + number], token()
        booked = "SELECT count(*) FROM booking"
        before = await connection.fetchval(booked)
        with crasher(here, point) as (base, process):
            assert book(base, rush, person, key)[0] == 0
            assert process.wait(10) == -9, "it did not die where it should"
        committed = point == "committed, not answered"
        assert await connection.fetchval(booked) == before + committed
        first = book(web.base, rush, person, key)
        assert (first[0], first[2]) == (201, committed), first[1][:90]
        again = book(web.base, rush, person, key)
        assert (again[1], again[2]) == (first[1], True)
        assert await connection.fetchval(booked) == before + 1
    row = await connection.fetchrow(
        "SELECT s.taken, count(b.id) AS held FROM slot s JOIN booking b ON b.slot_id = s.id GROUP BY s.id"
    )
    assert row["taken"] == row["held"]
