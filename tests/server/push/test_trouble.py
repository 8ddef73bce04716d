"""When WeChat, the worker or the database fails: nothing is lost, hardly anything is said twice, everything ends."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.errors import Unavailable
from server.features.push import service as push
from server.features.push.service import _claim, _deliver, _ladder, _senders
from server.features.push.service._breaker import Breaker, Streak
from server.features.push.service._pump import Pump, Width
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.push import HelloOnce, HelloOnlyWeChat, HelloSoon, Sandbox, reached, rows, say, states, tallied
from tests.server.push.conftest import asked

WECHAT, SMS = push.Channel.WECHAT, push.Channel.SMS
SEND = "/cgi-bin/message/subscribe/send"


@pytest.mark.parametrize("fenced", [True, False], ids=["fenced", "without the fence"])
async def test_a_worker_that_lost_its_lease_changes_nothing(
    sandbox: Sandbox, outside: Ports, clock: Clock, monkeypatch: pytest.MonkeyPatch, fenced: bool
) -> None:
    """The attempt is the fence. Without it in the statement the first worker undoes what the second is doing."""
    if not fenced:
        fence = "outbox.attempt = done.attempt"
        assert fence in _claim._RECORD
        monkeypatch.setattr(_claim, "_RECORD", _claim._RECORD.replace(fence, "true"))
    to = await reached(sandbox, credits=2)
    await say(to)
    (mine,) = await _claim.claim(WECHAT, 10)
    clock.advance(seconds=61)
    assert await _deliver.sweep(WECHAT) == 1
    clock.advance(seconds=60)
    (theirs,) = await _claim.claim(WECHAT, 10)
    assert theirs.attempt == mine.attempt + 1
    late = _ladder.refused(mine, "late")
    written = await _claim.record([(mine, late)])
    if not fenced:
        assert (written, await states()) == ({mine.id}, ["refused"])
        return
    assert (written, await states()) == (set(), ["sending"])
    assert await _claim.record([(theirs, _ladder.sent(theirs, "7"))]) == {theirs.id}
    assert await _claim.record([(mine, late)]) == set()
    assert await states() == ["sent"]


async def test_a_lost_answer_is_tried_once_more_and_then_left(sandbox: Sandbox, outside: Ports, clock: Clock) -> None:
    to = await reached(sandbox, credits=5)
    sandbox.fault("drop_after_commit", times=2)
    await say(to)
    await push.deliver(outside, WECHAT)
    (row,) = await rows()
    assert (row["state"], row["reason"], row["doubts"]) == ("pending", "answer_lost", 1)
    assert await push.deliver(outside, WECHAT) == 0
    clock.advance(minutes=1)
    await push.deliver(outside, WECHAT)
    (row,) = await rows()
    assert (row["state"], row["reason"], row["doubts"]) == ("dead", "answer_lost", 2)
    assert len(sandbox.messages(to.phone)) == 2
    assert await states("sms") == ["pending"]


async def test_what_must_not_arrive_twice_is_not_tried_again(sandbox: Sandbox, outside: Ports, clock: Clock) -> None:
    to = await reached(sandbox, credits=5)
    sandbox.fault("drop_after_commit")
    await say(to, HelloOnce())
    await push.deliver(outside, WECHAT)
    clock.advance(hours=1)
    await push.deliver(outside, WECHAT)
    assert await states() == ["dead"]
    assert len(sandbox.messages(to.phone)) == 1


async def test_a_dead_worker_s_messages_are_taken_up(sandbox: Sandbox, outside: Ports, clock: Clock) -> None:
    to = await reached(sandbox)
    await say(to)
    await _claim.claim(WECHAT, 10)
    assert await push.deliver(outside, WECHAT) == 0
    clock.advance(seconds=61)
    await push.deliver(outside, WECHAT)
    assert await states() == ["pending"]
    clock.advance(minutes=1)
    await push.deliver(outside, WECHAT)
    assert await states() == ["sent"]
    assert len(sandbox.messages(to.phone)) == 1


async def test_the_daily_quota_stops_the_channel_until_midnight(sandbox: Sandbox, outside: Ports, clock: Clock) -> None:
    clock.set(clocks.now().astimezone(clocks.SHANGHAI).replace(hour=10))
    people = [await reached(sandbox, credits=2) for _ in range(4)]
    sandbox.fault("errcode", errcode=45009)
    await say(people[0])
    await push.deliver(outside, WECHAT)
    for to in people[1:]:
        await say(to, HelloOnlyWeChat())
    clock.advance(hours=13)
    assert await push.deliver(outside, WECHAT) == 0
    assert sandbox.calls(SEND) == 1
    clock.advance(hours=1, minutes=2)
    while await push.deliver(outside, WECHAT):
        pass
    assert await states() == ["sent"] * 4


async def test_nobody_waits_for_wechat_longer_than_it_is_of_use(sandbox: Sandbox, outside: Ports, clock: Clock) -> None:
    people = [await reached(sandbox) for _ in range(3)]
    sandbox.fault("errcode", errcode=43107)
    await say(people[0])
    await push.deliver(outside, WECHAT)
    await say(people[1], HelloSoon())
    await say(people[2], HelloOnlyWeChat())
    clock.advance(minutes=4)
    assert await push.lose_patience() == 0
    await _claim.pause(WECHAT, clocks.now() + timedelta(hours=2), "43107", probing=True)
    clock.advance(minutes=2)
    assert await push.lose_patience() == 1
    clock.advance(minutes=25)
    # One goes on by SMS; the other's SMS has waited until it was of no use.
    assert await push.lose_patience() == 2
    assert await states("sms") == ["too_late", "pending"]
    assert sorted(await states()) == ["pending", "refused", "refused"]
    assert sorted(row["kind"] for row in await rows("sms")) == ["test.hello", "test.hello_soon"]
    await tallied()


async def test_what_is_too_late_is_not_sent(sandbox: Sandbox, outside: Ports, clock: Clock) -> None:
    to = await reached(sandbox)
    await say(to, HelloSoon())
    clock.advance(minutes=11)
    await push.deliver(outside, WECHAT)
    (row,) = await rows()
    assert (row["state"], row["reason"]) == ("too_late", "deadline")
    await tallied()
    assert await states("sms") == []
    assert sandbox.calls(SEND) == 0


async def test_trouble_is_tried_again_ever_more_slowly_and_ends(sandbox: Sandbox, outside: Ports, clock: Clock) -> None:
    to = await reached(sandbox)
    sandbox.fault("errcode", errcode=43108, times=None)
    await say(to, HelloOnlyWeChat())
    waits = []
    for _ in range(_ladder.MOST_FAILURES):
        await push.deliver(outside, WECHAT)
        (row,) = await rows()
        if row["state"] != "pending":
            break
        waits.append((row["run_at"] - clocks.now()).total_seconds())
        clock.advance(seconds=max(waits[-1], 0) + 1)
    assert (row["state"], row["reason"], row["failures"]) == ("dead", "43108", _ladder.MOST_FAILURES)
    await tallied()
    assert waits[0] < 7 < waits[3] < waits[6]
    assert max(waits) < 45 * 60


@pytest.mark.parametrize("fault", [{"kind": "errcode", "errcode": 99999}, {"kind": "http", "status": 502}])
async def test_a_wechat_that_is_away_is_tried_gently_and_then_used_again(
    sandbox: Sandbox, outside: Ports, clock: Clock, fault: dict[str, Any]
) -> None:
    people = [await reached(sandbox) for _ in range(100)]
    for to in people:
        await say(to)
    sandbox.fault(**fault, times=None)
    for _ in range(60):
        while await push.deliver(outside, WECHAT):
            pass
        clock.advance(seconds=10)
    assert sandbox.calls(SEND) <= 170
    sandbox.world.faults.clear()
    for _ in range(12):
        while await push.deliver(outside, WECHAT):
            pass
        clock.advance(seconds=10)
    found = await states()
    if fault["kind"] == "errcode":
        # Nothing had been sent, so everything is now.
        assert found.count("pending") + found.count("sent") == 100
        clock.advance(hours=1)
        while await push.deliver(outside, WECHAT):
            pass
        assert await states() == ["sent"] * 100
    else:
        # Some may have been sent: each is tried at most twice, and whoever was doubted twice gets an SMS.
        assert found.count("dead") == len(await states("sms")) < 60
        assert found.count("dead") + found.count("sent") == 100


async def test_a_poisonous_message_harms_only_itself(
    sandbox: Sandbox, outside: Ports, caplog: pytest.LogCaptureFixture
) -> None:
    people = [await reached(sandbox) for _ in range(5)]
    for to in people:
        await say(to)
    await db.execute("UPDATE outbox SET payload_sealed = '\\x00' WHERE id = (SELECT id FROM outbox LIMIT 1)")
    while await push.deliver(outside, WECHAT):
        pass
    assert sorted(await states()) == ["dead"] + ["sent"] * 4
    await tallied()


async def test_a_round_cut_off_gives_back_what_it_did_not_try(
    sandbox: Sandbox, outside: Ports, held: asyncio.Event
) -> None:
    people = [await reached(sandbox) for _ in range(3)]
    for to in people:
        await say(to)
    claimed = asyncio.Event()

    async def claim(limit: int) -> list[_claim.Claimed]:
        claimed.set()
        return await way.claim(limit)

    way = _senders.WeChatSender(outside, Breaker(WECHAT, Streak(), probing=False))
    pump = Pump(
        claim=claim,
        send=way.send,
        record=way.record,
        release=_ladder.released,
        interrupted=lambda row: _ladder.doubted(row, push.Reason.ANSWER_LOST),
        broken=_ladder.broken,
        stopping=lambda: False,
        width=Width(1),
    )
    running = asyncio.create_task(pump.run())
    await claimed.wait()
    await asked(sandbox)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    held.set()
    assert await states() == ["pending"] * 3
    assert sorted(row["doubts"] for row in await rows()) == [0, 0, 1]


async def test_outcomes_are_not_forgotten_while_the_database_is_away(
    sandbox: Sandbox, outside: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = await reached(sandbox, credits=2)
    await say(to)
    record, failures = _claim.record, [True]

    async def flaky(done: list[tuple[_claim.Claimed, _claim.Outcome]]) -> set[UUID]:
        if done and failures and failures.pop():
            raise Unavailable("database_unavailable")
        return await record(done)

    monkeypatch.setattr(_claim, "record", flaky)
    await push.deliver(outside, WECHAT)
    assert await states() == ["sent"]
    assert len(sandbox.messages(to.phone)) == 1


async def test_somebody_without_wechat_gets_an_sms(sandbox: Sandbox, outside: Ports) -> None:
    to = await reached(sandbox)
    await db.execute("UPDATE account SET openid_sealed = NULL, openid_index = NULL")
    await say(to)
    await push.deliver(outside, WECHAT)
    await push.deliver(outside, SMS)
    assert [row["reason"] for row in await rows()] == ["unreachable"]
    assert len(sandbox.world.sms_to(to.someone.phone)) == 1


async def test_somebody_nobody_can_reach_still_has_it_in_the_inbox(sandbox: Sandbox, outside: Ports) -> None:
    to = await reached(sandbox, credits=0)
    await db.execute("UPDATE account SET phone_sealed = NULL, phone_index = NULL")
    await db.execute("UPDATE person SET phone_sealed = NULL, phone_index = NULL")
    await say(to)
    await push.deliver(outside, WECHAT)
    await push.deliver(outside, SMS)
    assert [row["reason"] for row in await rows("sms")] == ["unreachable"]
    assert await db.fetchval("SELECT count(*) FROM inbox") == 1
