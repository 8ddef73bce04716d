"""A local WeChat in this process, and ports that reach it over real HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, ClassVar

from asyncpg import Record

from server import db
from server.adapters import wechat_callback
from server.adapters.sms import TencentSms
from server.adapters.sms import make as make_sms
from server.adapters.wechat import ServiceAccountApi, WeChatApi, make_service_account
from server.adapters.wechat import make as make_wechat
from server.config import Settings
from server.features.push import service as push
from server.features.push.schemas import Outcome
from server.features.push.service import _deliver, _kinds
from server.kit import ids
from server.ports import Ports
from server.sandbox.app import create_app
from server.sandbox.faults import Fault, Kind
from server.sandbox.process import Serving
from server.sandbox.settings import Settings as SandboxSettings
from server.sandbox.state import Message, Phone
from server.sandbox.wechat import service
from server.sandbox.wechat.phones import NewPhone
from server.sandbox.world import World
from tests.factories.identity import SomeCitizen, citizen

_names = count(1)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The sandbox's world beside the ports that call it. `settings` are the product's, pointed at the sandbox."""

    world: World
    settings: Settings
    wechat: WeChatApi
    service_account: ServiceAccountApi
    sms: TencentSms

    def phone(self, number: str = "19912340001", openid: str | None = None) -> Phone:
        """A person's phone in the sandbox."""
        name = f"tester{next(_names)}"
        return self.world.phones.put(NewPhone(key=name, name=name, phone_number=number, openid=openid))

    def fault(self, kind: Kind, path: str = "/cgi-bin/message/subscribe/send", **more: Any) -> None:
        """Order the next answers of a path to go wrong."""
        self.world.faults.order(Fault(path=path, kind=kind, **more))

    def messages(self, phone: Phone) -> list[Message]:
        """What arrived in the person's chat."""
        return self.world.messages(phone)

    def calls(self, path: str) -> int:
        """How often a path was asked."""
        return len(self.world.journal.entries(path=path, limit=5_000))

    def another(self) -> WeChatApi:
        """A client of its own, as another process has one."""
        return make_wechat(self.settings)


@asynccontextmanager
async def running(settings: Settings, *, latency: float = 0.0) -> AsyncIterator[Sandbox]:
    """Start a sandbox on a free port of the loopback."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    theirs = SandboxSettings(public_url=base, send_latency=latency)
    app = create_app(theirs, name=f"sandbox_{next(_names)}")
    ours = replace(
        settings,
        wechat_api_base=base,
        wechat_appid=theirs.appid,
        wechat_secret=theirs.secret,
        wechat_token=theirs.callback_token,
        wechat_aes_key=theirs.callback_aes_key,
        service_account_appid=theirs.service_appid,
        service_account_secret=theirs.service_secret,
        service_account_token=theirs.service_token,
        service_account_aes_key=theirs.service_aes_key,
        sms_api_base=f"{base}/twins/sms/",
        sms_secret_id=theirs.sms_secret_id,
        sms_secret_key=theirs.sms_secret_key,
        sms_app_id=theirs.sms_app_id,
        sms_sign=theirs.sms_sign_name,
    )
    for streak in _deliver.STREAKS.values():
        streak.begin_anew()
    async with Serving(app, listening):
        found = Sandbox(app.ctx.world, ours, make_wechat(ours), make_service_account(ours), make_sms(ours))
        try:
            yield found
        finally:
            await found.wechat.close()
            await found.service_account.close()
            await found.sms.close()
            await asyncio.sleep(0)


def with_sandbox(ports: Ports, sandbox: Sandbox) -> Ports:
    """Let ports reach the sandbox."""
    return replace(
        ports,
        wechat=sandbox.wechat,
        service_account=sandbox.service_account,
        wechat_callbacks=wechat_callback.make(sandbox.settings),
        sms=sandbox.sms,
    )


class Hello(push.Message):
    """What tests say. It is not one of the product's kinds."""

    kind = "test.hello"
    template = "booking_result"
    fields: ClassVar[Mapping[str, str]] = {
        "item": "item",
        "result": "result",
        "time": "starts_at~ends_at",
        "place": "hall",
        "note": "note",
    }
    page = "/features/booking/pages/detail?id={booking_id}"
    booking_id: str = "b1"
    item: str = "居民身份证换领"
    result: str = "预约成功"
    starts_at: datetime = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    ends_at: datetime = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    hall: str = "县政务服务中心"
    note: str = "请带好原件"


class HelloOnce(Hello):
    """The same, never sent a second time when nobody knows whether it arrived."""

    kind = "test.hello_once"
    retry_unknown = False


class HelloSoon(Hello):
    """The same, of use for ten minutes."""

    kind = "test.hello_soon"
    deadline = timedelta(minutes=10)


class HelloOnlyWeChat(Hello):
    """The same, without an SMS."""

    kind = "test.hello_only_wechat"
    sms = False


for _kind in (Hello, HelloOnce, HelloSoon, HelloOnlyWeChat):
    _kinds._kinds.pop(_kind.kind)

TEMPLATE = push.templates()["booking_result"].id


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody with a phone in the sandbox."""

    someone: SomeCitizen
    phone: Phone


async def reached(sandbox: Sandbox, *, credits: int = 1, ours: int | None = None) -> Reached:  # noqa: A002
    """A citizen whose WeChat is the sandbox's; WeChat knows of `credits` agreements, we of `ours`."""
    someone = await citizen()
    phone = sandbox.phone(someone.phone, someone.openid)
    if credits:
        sandbox.world.subscriptions.grant(phone.openid, TEMPLATE, credits)
    for _ in range(credits if ours is None else ours):
        await agree(someone)
    return Reached(someone, phone)


async def agree(someone: SomeCitizen, template_id: str = TEMPLATE, outcome: Outcome = "accept") -> None:
    """Report one popup."""
    await push.note_subscriptions(
        someone.actor,
        push.Subscriptions(
            nonce=ids.token(), results=[push.SubscriptionResult(template_id=template_id, outcome=outcome)]
        ),
    )


async def say(to: Reached, message: push.Message | None = None, dedupe: str | None = None) -> bool:
    """Say something to somebody's person."""
    return await push.send(message or Hello(), to=push.To(person_id=to.someone.person_id), dedupe=dedupe or ids.token())


async def rows(channel: str = "wechat") -> list[Record]:
    """The outbox of one channel, the oldest first."""
    return await db.fetch("SELECT * FROM outbox WHERE channel = $1 ORDER BY created_at, id", channel)


async def states(channel: str = "wechat") -> list[str]:
    """The states of one channel's messages, the oldest first."""
    return [row["state"] for row in await rows(channel)]


async def follow(sandbox: Sandbox, to: Reached) -> str:
    """Let somebody follow the service account, there and in our books; gives their openid there."""
    service.follow(sandbox.world, to.phone, on=True)
    account_id = to.someone.account_id
    unionid = db.seal("account", "unionid_sealed", account_id, to.phone.unionid)
    await db.execute("UPDATE account SET unionid_sealed = $2 WHERE id = $1", account_id, unionid)
    openid = to.phone.service_openid
    await push.on_followed(push.FollowEvent(openid=openid, unionid=to.phone.unionid, event_key=ids.token()))
    return openid


async def tallied() -> None:
    """Hold the tallies against the outbox: each message that has ended is counted once, as what it ended as.

    One that was accepted and reported lost afterwards stays counted as accepted.
    """
    told = await db.fetch(
        "SELECT channel, sum(sent + dead)::int, sum(not_agreed + refused)::int, sum(too_late)::int FROM push_tally"
        " GROUP BY channel ORDER BY channel"
    )
    ended = await db.fetch(
        "SELECT channel, count(*) FILTER (WHERE state IN ('sent', 'delivered', 'dead')),"
        " count(*) FILTER (WHERE state = 'refused'), count(*) FILTER (WHERE state = 'too_late') FROM outbox"
        " WHERE ended_at IS NOT NULL GROUP BY channel ORDER BY channel"
    )
    assert [tuple(row) for row in told] == [tuple(row) for row in ended]
    assert told, "nothing has ended: this proves nothing"
