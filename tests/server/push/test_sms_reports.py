"""How text messages end: the provider tells it once, and what it told somebody who died is asked for again."""

from __future__ import annotations

import asyncio
import subprocess
from datetime import timedelta
from typing import Any

import pytest

from server.features.push import service as push
from server.sandbox.twins import sms as twin
from server.sandbox.world import World
from tests.conftest import Clock
from tests.factories.push import reached, rows, say, states
from tests.factories.told import Told
from tests.server.push.storm import worker

WECHAT, SMS = push.Channel.WECHAT, push.Channel.SMS


async def test_a_text_message_ends_by_its_report(told: Told) -> None:
    arrives, fails = await reached(told.sandbox, credits=0), await reached(told.sandbox, credits=0)
    for to, failure in ((arrives, ""), (fails, "UNDELIV")):
        told.sandbox.world.account.sms_failure = failure
        await say(to)
        await push.deliver(told.ports, WECHAT)
        await push.deliver(told.ports, push.Channel.SERVICE)
        await push.deliver(told.ports, SMS)
    assert await states("sms") == ["sent", "sent"]
    assert await push.pull_reports(told.ports) == 2
    await told.hear()
    assert [(row["state"], row["reason"]) for row in await rows("sms")] == [("delivered", None), ("dead", "UNDELIV")]
    assert await push.pull_reports(told.ports) == 0


def pass_by(told: Told, clock: Clock, **time: float) -> None:
    """Let time pass here and there: a signature is good for minutes."""
    clock.advance(**time)
    told.sandbox.world.clock.advance(timedelta(**time).total_seconds())


async def test_a_report_that_died_with_us_is_asked_for_again(told: Told, clock: Clock) -> None:
    """The provider gives it once. It was on its way to a process that is no more."""
    to, silent = await reached(told.sandbox, credits=0), await reached(told.sandbox, credits=0)
    for one in (to, silent):
        await say(one)
        for channel in (WECHAT, push.Channel.SERVICE, SMS):
            await push.deliver(told.ports, channel)
    for text in told.sandbox.world.sms_to(silent.phone.phone_number):
        told.sandbox.world.state.sms.remove(text)
    told.sandbox.fault("drop_after_commit", "/twins/sms/")
    assert await push.pull_reports(told.ports) == 0
    assert await told.ports.sms.reports() == []
    assert await push.ask_reports(told.ports) == 0, "the usual way still has its time"
    pass_by(told, clock, minutes=11)
    assert await push.ask_reports(told.ports) == 2
    await told.hear()
    assert await states("sms") == ["delivered", "sent"]
    # What nobody knows anything of is asked after two more times.
    assert await push.ask_reports(told.ports) == 0
    for wait in (2, 25):
        pass_by(told, clock, hours=wait)
        assert await push.ask_reports(told.ports) == 1
    pass_by(told, clock, days=2)
    assert await push.ask_reports(told.ports) == 0
    assert await states("sms") == ["delivered", "sent"]


async def test_the_reports_of_a_killed_worker_are_not_lost(
    told: Told, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It dies between the question and the answer: the provider has told, and nobody has heard."""
    people = [await reached(told.sandbox, credits=0) for _ in range(20)]
    for to in people:
        await say(to)
    for channel in (WECHAT, push.Channel.SERVICE, SMS):
        while await push.deliver(told.ports, channel):
            pass
    assert await states("sms") == ["sent"] * 20
    gives, asker = twin.PULLS["PullSmsSendStatus"], list[subprocess.Popen[bytes]]()

    def dies(world: World, body: bytes) -> list[dict[str, Any]]:
        asker.pop().kill()
        return gives(world, body)

    with monkeypatch.context() as patched, worker(told.sandbox) as running:
        asker.append(running)
        patched.setitem(twin.PULLS, "PullSmsSendStatus", dies)
        async with asyncio.timeout(120):
            while running.poll() is None:  # noqa: ASYNC110 - what another process does
                await asyncio.sleep(0.01)
    assert all(one.reported for one in told.sandbox.world.state.sms)
    assert await states("sms") == ["sent"] * 20
    pass_by(told, clock, minutes=11)
    assert await told.ports.sms.reports() == []
    while await push.ask_reports(told.ports):
        pass
    while await told.hear():
        pass
    assert await states("sms") == ["delivered"] * 20


async def test_a_provider_that_is_away_is_asked_again(told: Told) -> None:
    told.sandbox.fault("reset", "/twins/sms/")
    assert await push.pull_reports(told.ports) == 0
