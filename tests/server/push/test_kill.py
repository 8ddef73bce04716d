"""A real worker process, killed in the middle of sending: everything still arrives, and hardly anything twice."""

from __future__ import annotations

import asyncio
import signal
import sys

import pytest

from server import db
from server.features.push import service as push
from server.features.push.service._deliver import IN_FLIGHT
from server.features.push.service._pump import BATCH
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.push import Reached, Sandbox, reached, rows, say, states
from tests.server.push.storm import SEND, check, storm, worker

WECHAT = push.Channel.WECHAT
PEOPLE = 30
EACH = 10


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
    assert total - PEOPLE * EACH <= IN_FLIGHT[WECHAT] + BATCH
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


async def test_bad_weather_and_killed_workers(sandbox: Sandbox, outside: Ports, clock: Clock) -> None:
    """Small here; two thousand messages and thirty kills in tests/prove."""
    found = await storm(sandbox, outside, clock, people=40, each=5, kills=2)
    check(found)
    assert found.lost > 0, "nothing was lost: this proves nothing"


async def test_a_worker_stopped_past_its_lease_overwrites_nothing(
    sandbox: Sandbox, outside: Ports, clock: Clock
) -> None:
    """Its host slept. Meanwhile the message was taken up, sent and written; what it wakes up with is old."""
    sandbox.world.account.send_latency = 0.3
    to = await reached(sandbox, credits=5)
    await say(to)
    with worker(sandbox) as running:
        async with asyncio.timeout(30):
            while not sandbox.world.sending:  # noqa: ASYNC110 - what another process does
                await asyncio.sleep(0.005)
        running.send_signal(signal.SIGSTOP)
        async with asyncio.timeout(30):
            while sandbox.world.sending:  # noqa: ASYNC110 - as above; what it asked for is done, it does not know it
                await asyncio.sleep(0.01)
        await db.execute("UPDATE outbox SET lease_until = now() - interval '1 second'")
        assert await push.deliver(outside, WECHAT) == 1
        clock.advance(minutes=1)
        await push.deliver(outside, WECHAT)
        (before,) = await rows()
        assert (before["state"], before["attempt"]) == ("sent", 2)
        running.send_signal(signal.SIGCONT)
        running.terminate()
        await asyncio.to_thread(running.wait, 10)
    (after,) = await rows()
    assert dict(after) == dict(before)
    assert len(sandbox.messages(to.phone)) == sandbox.calls(SEND) == 2


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")
