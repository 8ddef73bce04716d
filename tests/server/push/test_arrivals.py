"""What WeChat tells us, from its push to the end of a message: over real HTTP, in safe mode, JSON and XML."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import aiohttp
import pytest

from server import db
from server.features.push import service as push
from server.features.push.service import _arrivals, _events
from server.sandbox.wechat import events
from server.sandbox.wechat.events import AccountKind
from server.sandbox.wechat.pusher import dressed
from server.sandbox.wechat.service import follow
from tests.conftest import Clock
from tests.factories.push import TEMPLATE, reached, rows, say, states
from tests.factories.told import Told, accepts, arrivals, balance
from tests.fixtures_web import Client

WECHAT, SMS = push.Channel.WECHAT, push.Channel.SMS


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("mode", ["compatible", "safe"])
async def test_a_popup_s_yes_becomes_a_credit(told: Told, form: str, mode: str) -> None:
    told.turn(format=form, mode=mode)
    to = await reached(told.sandbox, credits=0)
    accepts(told, to.phone.openid)
    assert await told.pushed() == ["taken"]
    assert await balance(to.someone.account_id) is None, "the answer waits for no work"
    assert await told.hear() == 1
    assert await balance(to.someone.account_id) == 1
    assert await told.hear() == 0


async def test_the_echo_proves_the_address(told: Told) -> None:
    accounts: tuple[AccountKind, ...] = ("program", "service")
    for account in accounts:
        good, _ = await told.sandbox.world.pusher.verify(account)
        assert good


async def test_a_message_ends_when_wechat_says_so(told: Told) -> None:
    to = await reached(told.sandbox)
    await say(to)
    await push.deliver(told.ports, WECHAT)
    assert await states() == ["sent"]
    assert await told.pushed() == ["taken"]
    await told.hear()
    assert await states() == ["delivered"]


async def test_a_message_that_got_lost_ends_with_its_reason_and_goes_another_way(told: Told) -> None:
    told.sandbox.world.account.sent_event_error = 10
    told.sandbox.world.account.sent_event_status = "system error"
    to = await reached(told.sandbox)
    await say(to)
    await push.deliver(told.ports, WECHAT)
    await told.pushed()
    await told.hear()
    (row,) = await rows()
    assert (row["state"], row["reason"]) == ("dead", "system error")
    await push.deliver(told.ports, SMS)
    assert len(told.sandbox.world.sms_to(to.someone.phone)) == 1


async def test_what_is_told_again_counts_once_and_what_differs_counts_each(told: Told) -> None:
    told.turn(copies=3)
    to = await reached(told.sandbox, credits=0)
    # One person, one kind, one second: a popup for this template and one for another.
    accepts(told, to.phone.openid)
    other = push.templates()["booking_reminder"].id
    told.sandbox.world.pusher.emit(events.popup(to.phone.openid, told.sandbox.world.clock.now(), {other: "accept"}))
    await told.pushed()
    assert len(await arrivals()) == 2
    while await told.hear():
        pass
    assert await balance(to.someone.account_id) == 1
    held = await db.fetchval("SELECT count(*) FROM subscription_credit WHERE account_id = $1", to.someone.account_id)
    assert held == 2


async def test_twenty_messages_of_one_second_all_end(told: Told) -> None:
    to = await reached(told.sandbox, credits=20)
    for _ in range(20):
        await say(to)
    while await push.deliver(told.ports, WECHAT):
        pass
    await told.pushed()
    while await told.hear():
        pass
    assert set(await states()) == {"delivered"}


async def test_a_follower_is_bound_by_the_unionid_and_leaves(told: Told) -> None:
    phone = told.sandbox.phone()
    follow(told.sandbox.world, phone, on=True)
    await told.pushed()
    await told.hear()
    assert await db.fetchval("SELECT count(*) FROM follower WHERE unionid_index IS NOT NULL AND gone_at IS NULL") == 1
    follow(told.sandbox.world, phone, on=False)
    await told.pushed()
    await told.hear()
    assert await db.fetchval("SELECT gone_at FROM follower") is not None


async def test_whoever_left_before_we_asked_is_not_bound(told: Told) -> None:
    phone = told.sandbox.phone()
    follow(told.sandbox.world, phone, on=True)
    await told.pushed()
    phone.follows = False
    await told.hear()
    assert await db.fetchval("SELECT count(*) FROM follower WHERE gone_at IS NULL") == 0


async def test_while_wechat_cannot_be_asked_a_follower_waits_and_the_rest_goes_on(told: Told, clock: Clock) -> None:
    to = await reached(told.sandbox, credits=0)
    follow(told.sandbox.world, to.phone, on=True)
    accepts(told, to.phone.openid)
    await told.pushed()
    told.sandbox.fault("http", "/cgi-bin/user/info")
    await told.hear()
    assert await balance(to.someone.account_id) == 1
    assert await db.fetchval("SELECT count(*) FROM follower") == 0
    clock.advance(seconds=6)
    await told.hear()
    assert await db.fetchval("SELECT count(*) FROM follower") == 1


async def test_the_answer_comes_at_once_whatever_the_work_costs(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(_events, "on_subscribe_popup", hang)
    to = await reached(told.sandbox, credits=0)
    accepts(told, to.phone.openid)
    async with asyncio.timeout(30):
        assert await told.pushed() == ["taken"]


async def test_a_worker_that_dies_half_way_loses_nothing(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    to = await reached(told.sandbox, credits=0)
    accepts(told, to.phone.openid)
    await told.pushed()
    door = _events.on_subscribe_popup
    begun = asyncio.Event()

    async def dies(given: Sequence[push.SubscribeEvent]) -> None:
        await door(given)
        begun.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(_events, "on_subscribe_popup", dies)
    work = asyncio.create_task(told.hear())
    await begun.wait()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await balance(to.someone.account_id) is None
    monkeypatch.setattr(_events, "on_subscribe_popup", door)
    assert await told.hear() == 1
    assert await balance(to.someone.account_id) == 1


async def test_one_that_cannot_be_dealt_with_keeps_nobody_up_and_ends(
    told: Told, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    bad, good = await reached(told.sandbox, credits=0), await reached(told.sandbox, credits=0)
    for to in (bad, good):
        accepts(told, to.phone.openid)
    await told.pushed()
    door = _events.on_subscribe_popup

    async def poisoned(given: Sequence[push.SubscribeEvent]) -> None:
        if given[0].openid == bad.phone.openid:
            msg = "poison"
            raise ValueError(msg)
        await door(given)

    monkeypatch.setattr(_events, "on_subscribe_popup", poisoned)
    for _ in range(_arrivals.MOST_FAILURES):
        await told.hear()
        clock.advance(hours=1)
    assert await balance(good.someone.account_id) == 1
    states = {row["state"]: row for row in await arrivals()}
    assert set(states) == {"done", "dead"}
    assert (states["dead"]["failures"], states["dead"]["reason"]) == (_arrivals.MOST_FAILURES, "ValueError")
    assert await told.hear() == 0


async def test_two_workers_hear_a_thing_once(told: Told) -> None:
    people = [await reached(told.sandbox, credits=0) for _ in range(8)]
    for to in people:
        accepts(told, to.phone.openid)
    await told.pushed()
    await asyncio.gather(*(told.hear() for _ in range(4)))
    while await told.hear():
        pass
    assert [await balance(to.someone.account_id) for to in people] == [1] * 8


async def test_what_is_not_from_wechat_is_refused_and_not_kept(told: Told, client: Client) -> None:
    told.turn(wrong_signature=True)
    accepts(told, "o1")
    assert await told.pushed() == ["given_up"]
    (one,) = told.sandbox.world.pusher.pushes
    assert {attempt.status for attempt in one.tries} == {403}
    query, body = dressed(one.event, told.turn(wrong_signature=False), str(int(time.time()) - 3600), "1")
    old = await client.post("/wechat/callback", params=query, data=body)
    assert (old.status, old.json["code"]) == (403, "callback_refused")
    nonsense = await client.post("/wechat/callback", params=query, data=b"<!DOCTYPE x><xml/>")
    assert (nonsense.status, nonsense.json["code"]) == (400, "callback_malformed")
    large = await client.post("/wechat/callback", params=query, data=b"{" + b" " * 70_000)
    assert large.status == 400
    assert (await client.get("/wechat/callback", params={"echostr": "x"})).status == 403
    assert await arrivals() == []


async def test_a_captured_push_played_again_counts_once(told: Told, client: Client) -> None:
    """The same query, nonce and body, byte for byte: taken politely, before and after the work, and of no effect."""
    to = await reached(told.sandbox, credits=0)
    event = events.popup(to.phone.openid, told.sandbox.world.clock.now(), {TEMPLATE: "accept"})
    query, body = dressed(event, told.turn(), str(int(time.time())), "1")
    for _ in range(3):
        assert (await client.post("/wechat/callback", params=query, data=body)).status == 200
        while await told.hear():
            pass
    assert len(await arrivals()) == 1
    assert await balance(to.someone.account_id) == 1


async def test_what_nobody_waits_for_is_answered_and_forgotten(told: Told) -> None:
    told.sandbox.world.pusher.emit(events.Event(account="program", openid="o1", name="debug_demo", at=1))
    assert await told.pushed() == ["taken"]
    assert await arrivals() == []


async def test_whose_it_is_cannot_be_read_in_the_row(told: Told) -> None:
    to = await reached(told.sandbox, credits=0)
    accepts(told, to.phone.openid)
    await told.pushed()
    (row,) = await arrivals()
    assert to.phone.openid not in repr(tuple(row.values()))
    assert to.phone.openid.encode() not in bytes(row["content_sealed"])


async def test_what_is_over_is_forgotten_after_a_week(told: Told, clock: Clock) -> None:
    to = await reached(told.sandbox, credits=0)
    accepts(told, to.phone.openid)
    await told.pushed()
    clock.advance(days=8)
    assert await push.forget_arrivals() == 0, "what still waits is never forgotten"
    await told.hear()
    assert await push.forget_arrivals() == 0
    clock.advance(days=8)
    assert await push.forget_arrivals() == 1


async def test_a_caller_that_hangs_up_has_told_us_all_the_same(told: Told) -> None:
    query, body = dressed(
        events.popup("o1", time.time(), {TEMPLATE: "accept"}), told.turn(), str(int(time.time())), "1"
    )
    async with aiohttp.ClientSession() as session:
        for _ in range(3):
            try:
                async with asyncio.timeout(0.001), session.post(told.url, params=query, data=body):
                    pass
            except TimeoutError:
                pass
        async with session.post(told.url, params=query, data=body) as reply:
            assert await reply.text() == "success"
    assert len(await arrivals()) == 1
