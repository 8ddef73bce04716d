"""A person's own messages: how each came, taken out and put back, and what they want to be told by which way."""

from __future__ import annotations

import pytest

from server.features.push import service as push
from server.features.push.service import _kinds
from server.kit.paging import PageQuery
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.identity import AsCitizen, child_of
from tests.factories.push import Hello, HelloOnlyWeChat, Sandbox, agree, reached, rows, say, states
from tests.fixtures_web import Client

WECHAT, SMS = push.Channel.WECHAT, push.Channel.SMS


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_kinds._kinds, Hello.kind, Hello)


async def test_one_message_tells_how_it_came(sandbox: Sandbox, outside: Ports, client: Client) -> None:
    to = await reached(sandbox, credits=0)
    await say(to)
    await push.deliver(outside, WECHAT)
    phone = client.as_(to.someone.token)
    (line,) = (await phone.get("/api/v1/inbox")).json["items"]
    waiting = (await phone.get(f"/api/v1/inbox/{line['id']}")).json
    assert [(way["channel"], way["state"]) for way in waiting["ways"]] == [
        ("wechat", "not_allowed"),
        ("sms", "waiting"),
    ]
    await push.deliver(outside, SMS)
    told = (await phone.get(f"/api/v1/inbox/{line['id']}")).json
    assert [(way["channel"], way["state"]) for way in told["ways"]] == [("wechat", "not_allowed"), ("sms", "sent")]
    assert told["message"]["read"] is True
    assert (await phone.get("/api/v1/inbox/unread")).json == {"count": 0}


async def test_what_is_taken_out_can_be_put_back_for_a_day(
    sandbox: Sandbox, as_citizen: AsCitizen, client: Client, clock: Clock
) -> None:
    to, stranger = await reached(sandbox), await as_citizen()
    await say(to)
    mine, theirs = client.as_(to.someone.token), client.as_(stranger.token)
    (line,) = (await mine.get("/api/v1/inbox")).json["items"]
    path = f"/api/v1/inbox/{line['id']}"
    assert (await theirs.get(path)).status == 404
    await theirs.delete(path)
    assert len((await mine.get("/api/v1/inbox")).json["items"]) == 1
    assert (await mine.delete(path)).status == 204
    assert (await mine.get("/api/v1/inbox")).json["items"] == []
    assert (await mine.get("/api/v1/inbox/unread")).json == {"count": 0}
    assert (await mine.get(path)).status == 404
    assert (await theirs.post(f"{path}/restore")).status == 404
    assert (await mine.post(f"{path}/restore")).status == 204
    assert len((await mine.get("/api/v1/inbox")).json["items"]) == 1
    await mine.delete(path)
    clock.advance(days=2)
    assert (await mine.post(f"{path}/restore")).status == 404


@pytest.mark.parametrize(
    ("wechat", "sms", "channels"),
    [(True, True, ["wechat"]), (True, False, ["wechat"]), (False, True, ["sms"]), (False, False, [])],
)
async def test_only_wanted_ways_are_taken(
    sandbox: Sandbox, outside: Ports, client: Client, wechat: bool, sms: bool, channels: list[str]
) -> None:
    to = await reached(sandbox, credits=0)
    phone = client.as_(to.someone.token)
    answer = await phone.put("/api/v1/subscriptions/booking_result", json={"wechat": wechat, "sms": sms})
    assert answer.status == 200, answer.text
    assert answer.json["topics"][0]["wanted"] == {"wechat": wechat, "sms": sms}
    await say(to)
    assert [row["channel"] for row in [*await rows(), *await rows("sms")]] == channels
    # Nobody agreed: WeChat refuses, and an SMS follows only where it is wanted.
    await push.deliver(outside, WECHAT)
    assert len(await states("sms")) == (1 if sms else 0)
    assert len((await push.inbox(to.someone.actor, PageQuery())).items) == 1


async def test_the_settings_say_what_wechat_would_carry(sandbox: Sandbox, client: Client) -> None:
    to = await reached(sandbox, credits=0)
    phone = client.as_(to.someone.token)
    first = (await phone.get("/api/v1/subscriptions")).json
    assert (first["main_switch"], first["wechat"]) == (True, True)
    assert not any(one["carried"] for one in first["topics"])
    await agree(to.someone)
    now = (await phone.get("/api/v1/subscriptions")).json["topics"]
    assert [one["topic"] for one in now if one["carried"]] == ["booking_result"]
    assert (await phone.put("/api/v1/subscriptions/nothing", json={"wechat": True, "sms": True})).status == 404


async def test_credits_three_messages_five_and_the_person_is_told_why(
    sandbox: Sandbox, outside: Ports, client: Client
) -> None:
    to = await reached(sandbox, credits=3)
    for _ in range(5):
        await say(to)
    await push.deliver(outside, WECHAT)
    await push.deliver(outside, SMS)
    assert sorted(await states()) == ["refused"] * 2 + ["sent"] * 3
    assert await states("sms") == ["sent"] * 2
    carry = await push.will_carry(to.someone.actor, [Hello, HelloOnlyWeChat])
    assert [(one.by, one.why) for one in carry.messages] == [("sms", "used_up"), ("inbox", "used_up")]
    assert len(carry.ask) == 1


async def test_whoever_acts_for_somebody_sees_to_whom_it_was_said(as_citizen: AsCitizen, client: Client) -> None:
    parent = await as_citizen()
    child = await child_of(parent, name="王一一")
    await push.send(Hello(), to=push.To(person_id=child), dedupe="one")
    shown = (await client.as_(parent.token).get("/api/v1/inbox")).json["items"]
    assert [row["addressee"] for row in shown if row["kind"] == Hello.kind] == ["王*一"]
