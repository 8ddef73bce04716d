"""What WeChat tells of by itself: each report counts once, in whatever order and shape it comes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server import db
from server.features.push import service as push
from server.features.push.service import _claim, _ladder
from server.kit import clock as clocks
from server.kit import ids
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.push import TEMPLATE, Hello, Reached, Sandbox, agree, reached, rows, say, states, tallied

WECHAT, SMS = push.Channel.WECHAT, push.Channel.SMS
LASTING = push.templates()["case_finished"].id


def chosen(to: Reached, status: str = "accept", *, key: str = "", template: str = TEMPLATE) -> push.SubscribeEvent:
    return push.SubscribeEvent(
        openid=to.phone.openid,
        template_id=template,
        status=status,  # type: ignore[arg-type]
        event_key=key or ids.token(),
    )


def ended(to: Reached, msgid: str, problem: str | None = None, key: str = "") -> push.SentEvent:
    return push.SentEvent(
        openid=to.phone.openid, template_id=TEMPLATE, msgid=msgid, problem=problem, event_key=key or ids.token()
    )


async def held(to: Reached, template: str = TEMPLATE) -> tuple[int, bool]:
    row = await db.fetchrow(
        "SELECT balance, long_term FROM subscription_credit WHERE account_id = $1 AND template_id = $2",
        to.someone.account_id,
        template,
    )
    return (0, False) if row is None else (row["balance"], row["long_term"])


async def test_a_tap_counts_once_whoever_tells_of_it_and_in_whatever_order(sandbox: Sandbox, clock: Clock) -> None:
    to = await reached(sandbox, credits=0)
    await agree(to.someone)
    await push.on_subscribe_popup(chosen(to, key="one"))
    await push.on_subscribe_popup(chosen(to, key="one"))
    assert await held(to) == (1, False)
    # WeChat may be first, or tell of several at once.
    await push.on_subscribe_popup([chosen(to), chosen(to, template=LASTING)])
    assert await held(to) == (2, False)
    assert await held(to, LASTING) == (0, True)
    await agree(to.someone)
    assert await held(to) == (2, False)
    # Only one side tells: it counts all the same, then and much later.
    await push.on_subscribe_popup(chosen(to))
    clock.advance(hours=1)
    await agree(to.someone)
    assert await held(to) == (4, False)


async def test_reports_about_strangers_and_unknown_templates_are_passed_over(sandbox: Sandbox) -> None:
    to = await reached(sandbox, credits=0)
    await push.on_subscribe_popup(chosen(to, template="gone"))
    await push.on_subscribe_popup(
        push.SubscribeEvent(openid="o" + "x" * 27, template_id=TEMPLATE, status="accept", event_key="two")
    )
    await push.on_subscribe_sent(ended(to, "42"))
    await push.on_template_finished(push.TemplateFinished(openid="x", msgid="43", status="success", event_key="3"))
    assert await db.fetchval("SELECT count(*) FROM subscription_credit") == 0


async def test_turning_off_takes_what_was_agreed_and_a_ban_is_not_tried(sandbox: Sandbox, outside: Ports) -> None:
    to = await reached(sandbox, credits=3)
    await push.on_subscribe_change(chosen(to, "reject"))
    assert await held(to) == (0, False)
    await say(to)
    await push.on_subscribe_popup([chosen(to), chosen(to)])
    await push.on_subscribe_popup(chosen(to, "ban"))
    await say(to)
    await push.deliver(outside, WECHAT)
    # Agreeing again would have carried both, had WeChat not banned the template.
    assert [row["reason"] for row in await rows()] == ["banned", "banned"]


async def test_with_the_main_switch_off_nothing_is_tried_and_nothing_lost(sandbox: Sandbox, outside: Ports) -> None:
    to = await reached(sandbox, credits=2)
    off = push.Subscriptions(nonce=ids.token(), results=[], main_switch=False)
    await push.note_subscriptions(to.someone.actor, off)
    await say(to)
    await push.deliver(outside, WECHAT)
    assert [(row["state"], row["reason"]) for row in await rows()] == [("refused", "main_switch")]
    assert sandbox.messages(to.phone) == []
    await push.note_subscriptions(to.someone.actor, push.Subscriptions(nonce=ids.token(), results=[], main_switch=True))
    await say(to)
    await push.deliver(outside, WECHAT)
    assert (await states())[-1] == "sent"
    assert await held(to) == (1, False)


async def test_the_sent_event_ends_a_message_once(sandbox: Sandbox, outside: Ports) -> None:
    to = await reached(sandbox, credits=3)
    for _ in range(3):
        await say(to)
    await push.deliver(outside, WECHAT)
    first, second, third = [row["provider_id"] for row in await rows()]
    await push.on_subscribe_sent([ended(to, first, key="k"), ended(to, second, "system failed")])
    await push.on_subscribe_sent(ended(to, first, key="k"))
    await push.on_subscribe_sent(ended(to, second))
    assert [(row["state"], row["reason"]) for row in await rows()] == [
        ("delivered", None),
        ("dead", "system failed"),
        ("sent", None),
    ]
    # What did not arrive goes on by SMS.
    assert await states("sms") == ["pending"]
    await tallied()
    assert third not in (first, second)


async def test_a_report_that_comes_before_our_own_record_waits_for_it(sandbox: Sandbox, clock: Clock) -> None:
    to = await reached(sandbox)
    await say(to)
    (row,) = await _claim.claim(WECHAT, 1)
    await push.on_subscribe_sent(ended(to, "77"))
    assert await push.match_receipts() == 0
    await _claim.record([(row, _ladder.sent(row, "77", TEMPLATE))])
    assert await push.match_receipts() == 1
    assert await states() == ["delivered"]
    await push.on_subscribe_sent(ended(to, "78"))
    clock.advance(minutes=11)
    await push.match_receipts()
    assert await db.fetchval("SELECT count(*) FROM receipt") == 0


@pytest.mark.parametrize("killed", [False, True], ids=["answer lost", "worker killed"])
async def test_a_lost_answer_is_found_again_and_nothing_is_said_twice(
    sandbox: Sandbox, outside: Ports, clock: Clock, killed: bool
) -> None:
    to = await reached(sandbox, credits=2)
    sandbox.fault("drop_after_commit")
    await say(to)
    if killed:
        await _claim.claim(WECHAT, 1)
        sandbox.world.faults.clear()
        # The worker sent it and died; nobody wrote anything down.
        await push.on_subscribe_sent(ended(to, "99"))
        clock.advance(seconds=61)
        await push.deliver(outside, WECHAT)
        assert await push.match_receipts() == 1
    else:
        await push.deliver(outside, WECHAT)
        assert await states() == ["pending"]
        (arrived,) = sandbox.messages(to.phone)
        await push.on_subscribe_sent(ended(to, arrived.msgid))
    assert await states() == ["delivered"]
    assert await held(to) == (1, False)
    await tallied()
    clock.advance(minutes=2)
    assert await push.deliver(outside, WECHAT) == 0
    assert len(sandbox.messages(to.phone)) == (0 if killed else 1)


async def test_a_message_without_a_name_is_found_by_whom_it_was_for(sandbox: Sandbox, outside: Ports) -> None:
    sandbox.world.account.return_msgid = False
    to, other = await reached(sandbox), await reached(sandbox)
    await say(to)
    await say(other)
    await push.deliver(outside, WECHAT)
    await push.on_subscribe_sent(ended(other, "5"))
    assert await states() == ["sent", "delivered"]


async def test_events_are_forgotten_after_a_week(sandbox: Sandbox, clock: Clock) -> None:
    to = await reached(sandbox, credits=0)
    await push.on_subscribe_popup(chosen(to))
    assert await push.forget_events() == 0
    clock.advance(days=8)
    assert await push.forget_events() == 1


async def test_credits_three_messages_five(sandbox: Sandbox, outside: Ports) -> None:
    """Three are sent, two go down the ladder, and the log says why."""
    to = await reached(sandbox, credits=3)
    for turn in range(5):
        await say(to, Hello(note=f"第{turn}条"))
    await push.deliver(outside, WECHAT)
    await push.deliver(outside, SMS)
    assert [(row["state"], row["reason"]) for row in await rows()] == [
        *[("sent", None)] * 3,
        *[("refused", "used_up")] * 2,
    ]
    assert await states("sms") == ["sent"] * 2
    assert push.cause_of("refused", "used_up") == "not_agreed"
    assert clocks.now() - (await rows())[0]["ended_at"] < timedelta(minutes=1)
