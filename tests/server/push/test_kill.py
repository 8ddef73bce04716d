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
from tests.server.push.conftest import asked
from tests.server.push.storm import SEND, answered, check, storm, worker

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
    async with asyncio.timeout(60):
        while (count := sum(len(sandbox.messages(to.phone)) for to in people)) < at_least:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return count


async def test_a_killed_worker_loses_nothing_and_repeats_little(sandbox: Sandbox, outside: Ports, clock: Clock) -> None:
    people = await waiting(sandbox)
    with worker(sandbox) as running:
        await arrived(sandbox, people, 60)
        running.send_signal(signal.SIGKILL)
        running.wait()
    await answered(sandbox)
    written = (await states()).count("sent")
    assert written < PEOPLE * EACH, "it was killed too late to prove anything"
    unwritten = sum(len(sandbox.messages(to.phone)) for to in people) - written
    assert 0 <= unwritten <= IN_FLIGHT[WECHAT] + BATCH
    for _ in range(4):
        clock.advance(seconds=70)
        while await push.deliver(outside, WECHAT):
            pass
    assert await states() == ["sent"] * PEOPLE * EACH
    total = await arrived(sandbox, people, PEOPLE * EACH)
    assert total - PEOPLE * EACH <= unwritten
    assert all(len(sandbox.messages(to.phone)) >= EACH for to in people)


async def test_a_worker_that_is_asked_to_stop_repeats_nothing(sandbox: Sandbox, outside: Ports) -> None:
    people = await waiting(sandbox)
    with worker(sandbox) as running:
        await arrived(sandbox, people, 30)
        running.terminate()
        assert await asyncio.to_thread(running.wait, 60) == 0
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


@pytest.mark.parametrize("fenced", [True, False], ids=["fenced", "without the fence"])
async def test_a_worker_stopped_past_its_lease_overwrites_nothing(
    sandbox: Sandbox, outside: Ports, clock: Clock, held: asyncio.Event, fenced: bool
) -> None:
    """Its host slept. Meanwhile another took the message up and is sending it; what the first wakes up with is old."""
    to = await reached(sandbox, credits=5)
    await say(to)
    with worker(sandbox, fenced=fenced) as running:
        await asked(sandbox)
        running.send_signal(signal.SIGSTOP)
        held.set()
        await arrived(sandbox, [to], 1)  # it is answered, and does not know it
        held.clear()
        await db.execute("UPDATE outbox SET lease_until = now() - interval '1 second'")
        assert await push.deliver(outside, WECHAT) == 1
        clock.advance(minutes=1)
        another = asyncio.create_task(push.deliver(outside, WECHAT))
        await asked(sandbox)
        (before,) = await rows()
        assert (before["state"], before["attempt"], before["doubts"]) == ("sending", 2, 1)
        running.send_signal(signal.SIGCONT)
        running.terminate()
        assert await asyncio.to_thread(running.wait, 60) == 0
        (after,) = await rows()
        held.set()
        await another
    assert (dict(after) == dict(before)) is fenced, "what the one that slept wrote"
    if fenced:
        newest = sandbox.messages(to.phone)[-1].msgid
        assert [(row["state"], row["provider_id"]) for row in await rows()] == [("sent", newest)]
        assert len(sandbox.messages(to.phone)) == sandbox.calls(SEND) == 2


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")
