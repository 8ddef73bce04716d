"""Who goes first: the urgent before the many, and of one matter the earlier before the later, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from server.features.push import service as push
from server.features.push.service import _claim, _deliver
from server.features.push.service._breaker import Streak
from server.features.push.service._pump import LEAST, Width
from server.kit import clock as clocks
from server.ports import Ports, SubscribeMessage
from server.sandbox.faults import Fault
from tests.conftest import Clock
from tests.factories.push import Hello, HelloOnlyWeChat, Reached, Sandbox, reached, rows, say, states
from tests.factories.thread import opened
from tests.server.push.conftest import Careless

WECHAT, SERVICE, SMS = push.Channel
SEND = "/cgi-bin/message/subscribe/send"
MESSAGES = 3


async def matters(sandbox: Sandbox, people: int) -> list[Reached]:
    """People with three messages each about one matter."""
    told = [await reached(sandbox, credits=MESSAGES * 2) for _ in range(people)]
    for to in told:
        about = await opened(to.someone)
        for turn in range(MESSAGES):
            await push.send(
                HelloOnlyWeChat(note=f"第{turn}条"),
                to=push.To(person_id=to.someone.person_id),
                dedupe=str(turn),
                thread_id=about.id,
            )
    return told


async def drain(ports: Sequence[Ports]) -> None:
    while sum(await asyncio.gather(*(push.deliver(one, WECHAT) for one in ports))):
        pass


def out_of_order(sandbox: Sandbox, told: list[Reached]) -> int:
    wanted = [f"第{turn}条" for turn in range(MESSAGES)]
    return sum([field.fields[4].value for field in sandbox.messages(to.phone)] != wanted for to in told)


@pytest.mark.parametrize("kept", [True, False], ids=["order kept", "without the look at earlier ones"])
async def test_ten_minutes_without_wechat(
    sandbox: Sandbox, outside: Ports, clock: Clock, careless: Careless, kept: bool
) -> None:
    """Few probes, then everything, in each person's order; two workers share one view of the channel."""
    if not kept:
        looks = "AND earlier.created_at > order_from"
        await careless((looks, f"{looks} AND false"))
    told = await matters(sandbox, 30)
    other = sandbox.another()
    workers = [outside, replace(outside, wechat=other)]
    sandbox.fault("errcode", errcode=99999, times=None)
    for _ in range(60):
        await drain(workers)
        clock.advance(seconds=10)
    assert sandbox.calls(SEND) <= 170
    sandbox.world.faults.clear()
    for _ in range(20):
        await drain(workers)
        clock.advance(minutes=1)
    await other.close()
    assert await states() == ["sent"] * 30 * MESSAGES
    assert (out_of_order(sandbox, told) == 0) is kept


@pytest.mark.parametrize("remembered", [True, False], ids=["remembered", "each round begins anew"])
async def test_an_outage_is_noticed_when_messages_come_one_by_one(
    sandbox: Sandbox, outside: Ports, clock: Clock, monkeypatch: pytest.MonkeyPatch, remembered: bool
) -> None:
    """Ten minutes, a message every five seconds: no round has many to send, and still few are tried."""
    if not remembered:
        monkeypatch.setattr(Streak, "bad", False)
    sandbox.fault("errcode", errcode=99999, times=None)
    for _ in range(120):
        await say(await reached(sandbox), HelloOnlyWeChat())
        await drain([outside])
        clock.advance(seconds=5)
    assert (sandbox.calls(SEND) <= 170) is remembered
    sandbox.world.faults.clear()
    for _ in range(40):
        await drain([outside])
        clock.advance(minutes=1)
    assert await states() == ["sent"] * 120


async def test_only_one_worker_tries_a_channel_that_was_away(sandbox: Sandbox, outside: Ports, clock: Clock) -> None:
    for _ in range(30):
        await say(await reached(sandbox))
    sandbox.fault("errcode", errcode=99999, times=None)
    await push.deliver(outside, WECHAT)
    before = sandbox.calls(SEND)
    clock.advance(seconds=11)
    await asyncio.gather(*(push.deliver(outside, WECHAT) for _ in range(6)))
    assert sandbox.calls(SEND) == before + 1


async def test_one_probe_at_a_time_so_that_quick_failures_do_not_outrun_it(
    sandbox: Sandbox, outside: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What answers slowly works; whatever is asked before it has answered is refused at once."""
    sandbox.world.account.send_latency = 0.2
    told = [await reached(sandbox) for _ in range(10)]
    for to in told:
        await say(to)
    await _claim.pause(WECHAT, clocks.now(), "99999", probing=True)
    asked = 0

    def patient(path: str) -> tuple[float, Fault | None]:
        nonlocal asked
        asked += path == SEND
        early = asked > 1 and not any(sandbox.messages(to.phone) for to in told)
        return 0.0, Fault(path=SEND, kind="errcode", errcode=99999) if path == SEND and early else None

    monkeypatch.setattr(sandbox.world.faults, "take", patient)
    await push.deliver(outside, WECHAT)
    assert asked == 10
    assert await states() == ["sent"] * 10


async def test_a_probe_that_asks_nobody_lets_the_next_try(sandbox: Sandbox, outside: Ports) -> None:
    """Whoever has not agreed is not asked for, and says nothing about the channel."""
    for _ in range(5):
        await say(await reached(sandbox, credits=0))
    await say(await reached(sandbox))
    await _claim.pause(WECHAT, clocks.now(), "99999", probing=True)
    await push.deliver(outside, WECHAT)
    assert await states() == ["refused"] * 5 + ["sent"]
    assert not (await _claim.state_of(WECHAT)).probing


async def test_a_channel_that_fails_half_the_time_is_left_alone_too(
    sandbox: Sandbox, outside: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_deliver.WIDTHS, WECHAT, Width(1))
    for _ in range(90):
        await say(await reached(sandbox))
    answers = iter([True, False] * 200)
    take = sandbox.world.faults.take

    def every_other(path: str) -> tuple[float, Fault | None]:
        sandbox.world.faults.clear()
        if path == SEND and next(answers):
            sandbox.fault("errcode", errcode=99999)
        return take(path)

    monkeypatch.setattr(sandbox.world.faults, "take", every_other)
    await push.deliver(outside, WECHAT)
    assert 50 <= sandbox.calls(SEND) <= 52


async def test_a_worker_begins_with_few_and_sends_more_once_they_are_written(
    sandbox: Sandbox, outside: Ports, monkeypatch: pytest.MonkeyPatch, held: asyncio.Event
) -> None:
    """Whatever kills it early, hardly anything is in doubt."""
    width = Width(64)
    monkeypatch.setitem(_deliver.WIDTHS, WECHAT, width)
    told = [await reached(sandbox) for _ in range(40)]
    for to in told:
        await say(to)
    sending = asyncio.create_task(push.deliver(outside, WECHAT))
    async with asyncio.timeout(60):
        while len(sandbox.world.sending) < LEAST:  # noqa: ASYNC110 - what the sandbox is doing
            await asyncio.sleep(0.005)
    await asyncio.sleep(0.2)  # time to take more, if it would
    assert (await states()).count("sending") <= LEAST + 1, "one waits for whoever is free first"
    held.set()
    await sending
    assert await states() == ["sent"] * 40
    assert width.now > LEAST


async def test_a_broadcast_does_not_delay_a_pickup_notice(
    sandbox: Sandbox, outside: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(_deliver.WIDTHS, WECHAT, Width(8))
    sandbox.world.account.send_latency = 0.05
    many, one = [await reached(sandbox) for _ in range(200)], await reached(sandbox)
    monkeypatch.setattr(Hello, "priority", 9)
    for to in many:
        await say(to)
    sending = asyncio.create_task(_until_idle(outside))
    async with asyncio.timeout(120):
        while sandbox.calls(SEND) < 20:  # noqa: ASYNC110 - what the sandbox was asked
            await asyncio.sleep(0.01)
        monkeypatch.setattr(Hello, "priority", 2)
        await say(one)
        before = sandbox.calls(SEND)
        while not sandbox.messages(one.phone):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    overtook = sandbox.calls(SEND) - before
    await sending
    assert overtook <= 60, "it waited behind the many"
    assert (await states()).count("sent") == 201


async def _until_idle(ports: Ports) -> None:
    while await push.deliver(ports, WECHAT):
        pass


async def test_an_outcome_that_cannot_be_written_ends_alone(
    sandbox: Sandbox, outside: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name PostgreSQL does not take, among many: the others are written, and nothing is said again for its sake."""
    for turn in range(12):
        await say(await reached(sandbox), Hello(note=f"第{turn}条"))
    send = outside.wechat.send_subscribe

    async def strange(message: SubscribeMessage) -> str:
        name = await send(message)
        return "\x00" if message.data["thing5"] == "第7条" else name

    monkeypatch.setattr(outside.wechat, "send_subscribe", strange)
    await _until_idle(outside)
    found = await rows()
    assert [row["state"] for row in found].count("sent") == 11
    assert [(row["state"], row["reason"]) for row in found if row["state"] != "sent"] == [("dead", "broken")]
    assert sandbox.calls(SEND) == 12


async def test_poison_stays_alone(sandbox: Sandbox, outside: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    """One in fifty breaks the sender each time it is tried; the others go at once, it ends with its reason."""
    for turn in range(100):
        await say(await reached(sandbox), Hello(note="毒" if turn % 50 == 0 else "好"))
    send = outside.wechat.send_subscribe

    async def poisoned(message: SubscribeMessage) -> str:
        if message.data["thing5"] == "毒":
            raise ZeroDivisionError
        return await send(message)

    monkeypatch.setattr(outside.wechat, "send_subscribe", poisoned)
    await _until_idle(outside)
    assert (await states()).count("sent") == 98
    assert [row["reason"] for row in await rows() if row["state"] != "sent"] == ["broken", "broken"]
