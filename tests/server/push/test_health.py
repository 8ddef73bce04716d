"""How sending goes, told from tallies: in time, waiting, resting, and which templates people no longer agree to."""

from __future__ import annotations

import pytest

from server import db
from server.actor import Role
from server.features.push import service as push
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.identity import AsStaff, SomeStaff
from tests.factories.push import Sandbox, reached, say

WECHAT = push.Channel.WECHAT


@pytest.fixture
async def boss(as_staff: AsStaff) -> SomeStaff:
    return await as_staff(Role.SUPERVISOR)


async def test_health_is_read_from_tallies(sandbox: Sandbox, outside: Ports, clock: Clock, boss: SomeStaff) -> None:
    clock.set(clocks.now().astimezone(clocks.SHANGHAI).replace(hour=10, minute=0))
    soon, late, used_up = await reached(sandbox), await reached(sandbox), await reached(sandbox, credits=0)
    await say(soon)
    await push.deliver(outside, WECHAT)
    await say(late)
    clock.advance(seconds=11)
    await say(used_up)
    await push.deliver(outside, WECHAT)
    wechat, _, sms = (await push.health(boss.actor)).channels
    assert (wechat.hour.sent, wechat.hour.in_time, wechat.hour.percent, wechat.hour.not_agreed) == (2, 1, 50, 1)
    assert (wechat.state, wechat.waiting, wechat.oldest, wechat.left) == ("open", 0, None, 9_999_998)
    assert (sms.waiting, sms.oldest is not None) == (1, True)
    clock.advance(hours=2)
    assert await push.fold_tallies() == 0
    wechat = (await push.health(boss.actor)).channels[0]
    assert (wechat.hour.sent, wechat.today.sent) == (0, 2)
    (template,) = (await push.health(boss.actor)).templates
    assert (template.name, template.sent, template.not_agreed) == ("booking_result", 2, 1)


async def test_folded_tallies_say_the_same(sandbox: Sandbox, outside: Ports, clock: Clock, boss: SomeStaff) -> None:
    clock.set(clocks.now().astimezone(clocks.SHANGHAI).replace(hour=10, minute=0, second=1))
    for _ in range(4):
        await say(await reached(sandbox))
        await push.deliver(outside, WECHAT)
    before = (await push.health(boss.actor)).channels[0].today
    clock.advance(minutes=2)
    await push.fold_tallies()
    assert await db.fetchval("SELECT count(*) FROM push_tally") == 1
    assert (await push.health(boss.actor)).channels[0].today == before
    clock.advance(days=41)
    await push.fold_tallies()
    assert await db.fetchval("SELECT count(*) FROM push_tally") == 0


async def test_a_resting_channel_says_why(sandbox: Sandbox, outside: Ports, boss: SomeStaff) -> None:
    sandbox.fault("errcode", errcode=40164)
    await say(await reached(sandbox))
    await push.deliver(outside, WECHAT)
    wechat = (await push.health(boss.actor)).channels[0]
    assert (wechat.state, wechat.code, wechat.cause) == ("resting", "40164", "account")
    assert wechat.paused_until is not None
