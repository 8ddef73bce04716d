"""The second way: whoever follows the service account is told there before an SMS is spent."""

from __future__ import annotations

import msgspec
import pytest

from server import db
from server.features.push import service as push
from server.features.push.service import _ways
from server.kit import ids
from server.kit.paging import PageQuery
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.push import Sandbox, follow, reached, rows, say, states

WECHAT, SERVICE, SMS = push.Channel
SEND = "/cgi-bin/message/template/send"


@pytest.fixture(autouse=True)
def _mapped(monkeypatch: pytest.MonkeyPatch) -> None:
    ways = _ways.Ways(once="booking_result", service="service_booking_result")
    monkeypatch.setattr(_ways, "table", lambda: {"test.hello": ways})


async def test_a_follower_is_told_by_the_service_account_and_not_by_sms(sandbox: Sandbox, outside: Ports) -> None:
    to = await reached(sandbox, credits=0)
    await follow(sandbox, to)
    await say(to)
    await push.deliver(outside, WECHAT)
    await push.deliver(outside, SERVICE)
    (arrived,) = sandbox.world.service_messages(to.phone)
    assert arrived.title == "预约结果通知"
    assert arrived.page == "features/booking/pages/detail?id=b1"
    (row,) = await rows("service")
    assert (row["state"], row["provider_id"]) == ("sent", arrived.msgid)
    assert await rows("sms") == []
    (line,) = (await push.inbox(to.someone.actor, PageQuery())).items
    assert line.delivery == "wechat"
    ways = (await push.message(to.someone.actor, line.id)).ways
    assert [(way.channel, way.state) for way in ways] == [(WECHAT, "not_allowed"), (SERVICE, "sent")]
    done = push.TemplateFinished(openid=to.phone.service_openid, msgid=arrived.msgid, status="success", event_key="k")
    await push.on_template_finished([done, done])
    assert await states("service") == ["delivered"]


async def test_one_who_does_not_follow_gets_an_sms_at_once(sandbox: Sandbox, outside: Ports) -> None:
    to = await reached(sandbox, credits=0)
    await say(to)
    await push.deliver(outside, WECHAT)
    assert await rows("service") == []
    assert await states("sms") == ["pending"]


@pytest.mark.parametrize("told", [True, False], ids=["told of it", "found out"])
async def test_one_who_left_gets_an_sms(sandbox: Sandbox, outside: Ports, told: bool) -> None:
    to = await reached(sandbox, credits=0)
    openid = await follow(sandbox, to)
    to.phone.follows = False
    if told:
        await push.on_unfollowed(push.FollowEvent(openid=openid, event_key=ids.token()))
    await say(to)
    await push.deliver(outside, WECHAT)
    await push.deliver(outside, SERVICE)
    assert [row["reason"] for row in await rows("service")] == ([] if told else ["43004"])
    assert await states("sms") == ["pending"]
    await say(to)
    await push.deliver(outside, WECHAT)
    assert len(await rows("service")) == (0 if told else 1), "whoever left is not tried twice"
    # Coming back is enough to be told again.
    to.phone.follows = True
    await push.on_followed(push.FollowEvent(openid=openid, unionid=to.phone.unionid, event_key=ids.token()))
    await say(to)
    await push.deliver(outside, WECHAT)
    await push.deliver(outside, SERVICE)
    assert (await states("service"))[-1] == "sent"


async def test_what_the_service_account_could_not_bring_goes_by_sms(sandbox: Sandbox, outside: Ports) -> None:
    to = await reached(sandbox, credits=0)
    await follow(sandbox, to)
    await say(to)
    await push.deliver(outside, WECHAT)
    await push.deliver(outside, SERVICE)
    (row,) = await rows("service")
    failed = push.TemplateFinished(
        openid=to.phone.service_openid, msgid=row["provider_id"], status="failed:user block", event_key="k"
    )
    await push.on_template_finished(failed)
    (row,) = await rows("service")
    assert (row["state"], row["reason"]) == ("dead", "failed:user block")
    assert await states("sms") == ["pending"]
    kept = await db.fetch("SELECT state FROM outbox_attempt WHERE outbox_id = $1", row["id"])
    assert [one["state"] for one in kept] == ["sent"]


async def test_a_lost_answer_of_the_service_account_is_never_said_twice(
    sandbox: Sandbox, outside: Ports, clock: Clock
) -> None:
    """`client_msg_id` is the row's own: WeChat recognises the second try."""
    to = await reached(sandbox, credits=0)
    await follow(sandbox, to)
    sandbox.fault("drop_after_commit", path=SEND)
    await say(to)
    await push.deliver(outside, WECHAT)
    await push.deliver(outside, SERVICE)
    assert await states("service") == ["pending"]
    clock.advance(minutes=1)
    await push.deliver(outside, SERVICE)
    assert await states("service") == ["sent"]
    assert len(sandbox.world.service_messages(to.phone)) == 1
    assert sandbox.calls(SEND) == 2


async def test_a_long_term_agreement_carries_what_a_used_up_one_does_not(
    sandbox: Sandbox, outside: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both templates of a kind are tried, the lasting one first; 43101 on one leaves the other."""
    lasting = push.templates()["booking_result"]
    monkeypatch.setitem(push.templates(), "lasting", msgspec.structs.replace(lasting, long_term=True, id="L" * 43))
    ways = _ways.Ways(lasting="lasting", once="booking_result")
    monkeypatch.setattr(_ways, "table", lambda: {"test.hello": ways})
    to = await reached(sandbox, credits=1)
    await push.on_subscribe_popup(
        push.SubscribeEvent(openid=to.phone.openid, template_id="L" * 43, status="accept", event_key="k")
    )
    sandbox.fault("errcode", errcode=43101)
    await say(to)
    await push.deliver(outside, WECHAT)
    assert await states() == ["sent"]
    held = await db.fetch("SELECT template_id, balance, long_term FROM subscription_credit ORDER BY template_id")
    assert [tuple(row) for row in held if row["template_id"] == "L" * 43] == [("L" * 43, 0, False)]
    assert all(row["balance"] == 0 for row in held)
