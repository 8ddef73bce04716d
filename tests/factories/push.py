"""A local WeChat in this process, and ports that reach it over real HTTP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from server.adapters.sms import TencentSms
from server.adapters.sms import make as make_sms
from server.adapters.wechat import WeChatApi
from server.adapters.wechat import make as make_wechat
from server.config import Settings
from server.ports import Ports
from server.sandbox.app import create_app
from server.sandbox.faults import Fault, Kind
from server.sandbox.process import Serving
from server.sandbox.settings import Settings as SandboxSettings
from server.sandbox.state import Message, Phone
from server.sandbox.wechat.phones import NewPhone
from server.sandbox.world import World

_names = count(1)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The sandbox's world beside the ports that call it. `settings` are the product's, pointed at the sandbox."""

    world: World
    settings: Settings
    wechat: WeChatApi
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
        sms_api_base=f"{base}/twins/sms/",
        sms_secret_id=theirs.sms_secret_id,
        sms_secret_key=theirs.sms_secret_key,
        sms_app_id=theirs.sms_app_id,
        sms_sign=theirs.sms_sign_name,
    )
    async with Serving(app, listening):
        found = Sandbox(app.ctx.world, ours, make_wechat(ours), make_sms(ours))
        try:
            yield found
        finally:
            await found.wechat.close()
            await found.sms.close()
            await asyncio.sleep(0)


def with_sandbox(ports: Ports, sandbox: Sandbox) -> Ports:
    """Let ports reach the sandbox."""
    return replace(ports, wechat=sandbox.wechat, sms=sandbox.sms)
