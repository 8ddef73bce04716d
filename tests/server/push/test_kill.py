"""A real worker process, killed in the middle of sending: everything still arrives, and hardly anything twice."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from server import db
from server.config import ROOT
from server.features.push import service as push
from server.features.push.service._deliver import IN_FLIGHT
from server.features.push.service._pump import FLUSH
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.push import Reached, Sandbox, reached, say, states

WECHAT = push.Channel.WECHAT
PEOPLE = 30
EACH = 10


@contextmanager
def worker(sandbox: Sandbox) -> Iterator[subprocess.Popen[bytes]]:
    settings = sandbox.settings
    told = {
        "ENV": "test",
        "VAR_DIR": str(settings.var_dir),
        "DATABASE_URL": settings.database_url,
        "WECHAT_API_BASE": settings.wechat_api_base,
        "WECHAT_APPID": settings.wechat_appid,
        "WECHAT_SECRET": settings.wechat_secret,
        "LOG_LEVEL": "WARNING",
    }
    running = subprocess.Popen([sys.executable, "-m", "server", "worker"], cwd=ROOT, env={**os.environ, **told})
    try:
        yield running
    finally:
        running.kill()
        running.wait()


async def waiting(sandbox: Sandbox) -> list[Reached]:
    """People with ten messages each on their way."""
    sandbox.world.account.send_latency = 0.05
    people = [await reached(sandbox, credits=EACH * 3) for _ in range(PEOPLE)]
    for to in people:
        for turn in range(EACH):
            await say(to, dedupe=str(turn))
    return people


async def arrived(sandbox: Sandbox, people: list[Reached], at_least: int) -> int:
    async with asyncio.timeout(30):
        while (count := sum(len(sandbox.messages(to.phone)) for to in people)) < at_least:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return count


async def test_a_killed_worker_loses_nothing_and_repeats_little(sandbox: Sandbox, outside: Ports, clock: Clock) -> None:
    people = await waiting(sandbox)
    with worker(sandbox) as running:
        await arrived(sandbox, people, 60)
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert (await states()).count("sent") < PEOPLE * EACH, "it was killed too late to prove anything"
    for _ in range(4):
        clock.advance(seconds=70)
        while await push.deliver(outside, WECHAT):
            pass
    assert await states() == ["sent"] * PEOPLE * EACH
    total = await arrived(sandbox, people, PEOPLE * EACH)
    assert total - PEOPLE * EACH <= IN_FLIGHT[WECHAT] + FLUSH
    assert all(len(sandbox.messages(to.phone)) >= EACH for to in people)


async def test_a_worker_that_is_asked_to_stop_repeats_nothing(sandbox: Sandbox, outside: Ports) -> None:
    people = await waiting(sandbox)
    with worker(sandbox) as running:
        await arrived(sandbox, people, 30)
        running.terminate()
        assert await asyncio.to_thread(running.wait, 6) == 0
    assert await db.fetchval("SELECT count(*) FROM outbox WHERE state = 'sending'") == 0
    while await push.deliver(outside, WECHAT):
        pass
    assert await states() == ["sent"] * PEOPLE * EACH
    assert await arrived(sandbox, people, PEOPLE * EACH) == PEOPLE * EACH


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")
