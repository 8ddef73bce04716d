"""From the outbox to the phone, by the worker's own rounds, over real HTTP to the local WeChat."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.errors import Unavailable
from server.features.push import service as push
from server.features.push.service import _claim, _deliver, _kinds, _ladder
from server.features.push.service._breaker import Breaker
from server.features.push.service._pump import Pump
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.push import (
    TEMPLATE,
    Hello,
    HelloOnce,
    HelloOnlyWeChat,
    HelloSoon,
    Sandbox,
    agree,
    reached,
    rows,
    say,
    states,
)

WECHAT, SMS = push.Channel.WECHAT, push.Channel.SMS
SEND = "/cgi-bin/message/subscribe/send"


async def balance(account_id: object) -> int | None:
    found: int | None = await db.fetchval(
        "SELECT balance FROM subscription_credit WHERE account_id = $1 AND template_id = $2", account_id, TEMPLATE
    )
    return found


async def test_a_message_reaches_the_phone_and_costs_one_credit(sandbox: Sandbox, outside: Ports) -> None:
    to = await reached(sandbox, credits=2)
    await say(to)
    assert await push.deliver(outside, WECHAT) == 1
    (arrived,) = sandbox.messages(to.phone)
    assert {field.key: field.value for field in arrived.fields} == {
        "thing1": "居民身份证换领",
        "phrase2": "预约成功",
        "time3": "2026年11月23日 09:00~09:30",
        "thing4": "县政务服务中心",
        "thing5": "请带好原件",
    }
    assert arrived.page == "features/booking/pages/detail?id=b1"
    (row,) = await rows()
    assert (row["state"], row["provider_id"], row["attempt"]) == ("sent", arrived.msgid, 1)
    assert await balance(to.someone.account_id) == 1
    assert await push.deliver(outside, WECHAT) == 0


async def test_without_an_agreement_it_goes_by_sms_and_wechat_is_not_asked(sandbox: Sandbox, outside: Ports) -> None:
    to = await reached(sandbox, credits=0)
    await say(to)
    await push.deliver(outside, WECHAT)
    assert sandbox.calls(SEND) == 0
    await push.deliver(outside, SMS)
    (arrived,) = sandbox.world.sms_to(to.someone.phone)
    assert arrived.text.startswith("您预约的居民身份证换领：预约成功。时间2026年11月23日 09:00~09:30")
    assert [row["reason"] for row in await rows()] == ["not_agreed"]
    assert await states("sms") == ["sent"]


async def test_credits_drain_and_the_rest_goes_by_sms(sandbox: Sandbox, outside: Ports) -> None:
    to = await reached(sandbox, credits=3)
    for _ in range(5):
        await say(to)
    await push.deliver(outside, WECHAT)
    assert await states() == ["sent", "sent", "sent", "refused", "refused"]
    assert sandbox.calls(SEND) == 3
    assert await balance(to.someone.account_id) == 0
    await push.deliver(outside, SMS)
    assert len(sandbox.world.sms_to(to.someone.phone)) == 2


async def test_wechat_is_believed_when_it_says_there_is_nothing_left(sandbox: Sandbox, outside: Ports) -> None:
    to = await reached(sandbox, credits=0, ours=5)
    await say(to)
    await push.deliver(outside, WECHAT)
    (row,) = await rows()
    assert (row["state"], row["reason"]) == ("refused", "43101")
    assert await balance(to.someone.account_id) == 0
    assert await states("sms") == ["pending"]


async def test_a_long_term_agreement_is_not_used_up(sandbox: Sandbox, outside: Ports) -> None:
    to = await reached(sandbox, credits=0)
    template = push.templates()["case_finished"]
    sandbox.world.subscriptions.grant(to.phone.openid, template.id, 1)
    await agree(to.someone, template.id)
    for turn in range(3):
        await push.send(finished(turn), to=push.To(person_id=to.someone.person_id), dedupe=str(turn))
    await push.deliver(outside, WECHAT)
    assert await states() == ["sent"] * 3
    await agree(to.someone, template.id, "reject")
    await push.send(finished(4), to=push.To(person_id=to.someone.person_id), dedupe="4")
    await push.deliver(outside, WECHAT)
    assert (await states())[-1] == "refused"


def finished(turn: int) -> push.Message:
    class Finished(push.Message):
        kind = "test.finished"
        template = "case_finished"
        fields = {  # noqa: RUF012 - a test's own
            "number": "number",
            "item": "item",
            "result": "result",
            "time": "at",
            "department": "item",
        }
        page = "/x"
        number: str
        item: str = "食品经营许可"
        result: str = "准予"
        at: object = clocks.now()

    _kinds._kinds.pop("test.finished")
    return Finished(number=f"34122626112000001{turn}")


async def test_two_workers_send_each_message_once(sandbox: Sandbox, outside: Ports) -> None:
    sandbox.world.account.send_latency = 0.005
    people = [await reached(sandbox, credits=8) for _ in range(12)]
    for to in people:
        for _ in range(8):
            await say(to)
    other = sandbox.another()
    rounds = [outside, replace(outside, wechat=other)] * 2
    while sum(await asyncio.gather(*(push.deliver(ports, WECHAT) for ports in rounds))):
        pass
    await other.close()
    assert await states() == ["sent"] * 96
    assert [len(sandbox.messages(to.phone)) for to in people] == [8] * 12
    assert sandbox.calls(SEND) == 96
    assert not [entry for entry in sandbox.world.journal.entries(path=SEND, limit=5_000) if entry.errcode]


async def test_one_send_at_a_time_reaches_one_person(sandbox: Sandbox, outside: Ports) -> None:
    """WeChat refuses a second send to somebody while the first is under way (43108); nothing of ours runs into it."""
    sandbox.world.account.send_latency = 0.02
    to = await reached(sandbox, credits=10)
    for turn in range(10):
        await say(to, Hello(note=f"第{turn}条"))
    await asyncio.gather(*(push.deliver(outside, WECHAT) for _ in range(4)))
    assert [entry.errcode for entry in sandbox.world.journal.entries(path=SEND, limit=100) if entry.errcode] == []
    assert [message.fields[-1].value for message in sandbox.messages(to.phone)] == [f"第{turn}条" for turn in range(10)]


async def test_the_urgent_goes_first(sandbox: Sandbox, outside: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_deliver.IN_FLIGHT, WECHAT, 1)
    calm, urgent = await reached(sandbox), await reached(sandbox)
    await say(calm)
    monkeypatch.setattr(Hello, "priority", 1)
    await say(urgent)
    await push.deliver(outside, WECHAT)
    assert sandbox.messages(urgent.phone)[0].at < sandbox.messages(calm.phone)[0].at


async def test_without_the_busy_check_wechat_would_refuse(
    sandbox: Sandbox, outside: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail: this is what happens when claims do not look who is being sent to."""
    monkeypatch.setattr(_claim, "_CLAIM", _claim._CLAIM.replace("busy.state = 'sending'", "busy.state = 'nothing'"))
    monkeypatch.setattr(_claim, "_CLAIM", _claim._CLAIM.replace("LIMIT $4", "LIMIT least($4, 1)"))
    sandbox.world.account.send_latency = 0.05
    to = await reached(sandbox, credits=10)
    for _ in range(4):
        await say(to)
    await asyncio.gather(*(push.deliver(outside, WECHAT) for _ in range(4)))
    assert 43108 in [entry.errcode for entry in sandbox.world.journal.entries(path=SEND, limit=100)]


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
    assert await push.lose_patience() == 1
    assert sorted(await states()) == ["pending", "refused", "refused"]
    assert sorted(row["kind"] for row in await rows("sms")) == ["test.hello", "test.hello_soon"]


async def test_what_is_too_late_is_not_sent(sandbox: Sandbox, outside: Ports, clock: Clock) -> None:
    to = await reached(sandbox)
    await say(to, HelloSoon())
    clock.advance(minutes=11)
    await push.deliver(outside, WECHAT)
    (row,) = await rows()
    assert (row["state"], row["reason"]) == ("too_late", "deadline")
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


async def test_a_round_cut_off_gives_back_what_it_did_not_try(sandbox: Sandbox, outside: Ports) -> None:
    sandbox.world.account.send_latency = 0.3
    people = [await reached(sandbox) for _ in range(3)]
    for to in people:
        await say(to)
    claimed = asyncio.Event()

    async def claim(limit: int) -> list[_claim.Claimed]:
        claimed.set()
        return await way.claim(limit)

    way = _deliver._WeChatWay(outside, Breaker(WECHAT, probing=False))
    pump = Pump(
        claim=claim,
        send=way.send,
        record=way.record,
        release=_ladder.released,
        interrupted=lambda row: _ladder.doubted(row, _ladder.LOST),
        in_flight=1,
    )
    running = asyncio.create_task(pump.run())
    await claimed.wait()
    await asyncio.sleep(0.15)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
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
