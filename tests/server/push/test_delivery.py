"""From the outbox to the phone, by the worker's own rounds, over real HTTP to the local WeChat."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from server import db
from server.features.push import service as push
from server.features.push.service import _deliver, _kinds
from server.features.push.service._pump import Width
from server.kit import clock as clocks
from server.ports import Ports
from tests.factories.push import (
    TEMPLATE,
    Hello,
    Sandbox,
    agree,
    reached,
    rows,
    say,
    states,
)
from tests.server.push.conftest import Careless

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
    monkeypatch.setitem(_deliver.WIDTHS, WECHAT, Width(1))
    calm, urgent = await reached(sandbox), await reached(sandbox)
    await say(calm)
    monkeypatch.setattr(Hello, "priority", 1)
    await say(urgent)
    await push.deliver(outside, WECHAT)
    assert sandbox.messages(urgent.phone)[0].at < sandbox.messages(calm.phone)[0].at


async def test_without_the_busy_check_wechat_would_refuse(
    sandbox: Sandbox, outside: Ports, careless: Careless, held: asyncio.Event
) -> None:
    """The test above can fail: this is what happens when claims do not look who is being sent to."""
    await careless(("busy.state = 'sending'", "busy.state = 'nothing'"), ("LIMIT most", "LIMIT least(most, 1)"))
    to = await reached(sandbox, credits=10)
    for _ in range(4):
        await say(to)
    rounds = asyncio.gather(*(push.deliver(outside, WECHAT) for _ in range(4)))
    async with asyncio.timeout(60):
        while 43108 not in [entry.errcode for entry in sandbox.world.journal.entries(path=SEND, limit=100)]:  # noqa: ASYNC110 - what the sandbox answers
            await asyncio.sleep(0.01)
    held.set()
    await rounds
