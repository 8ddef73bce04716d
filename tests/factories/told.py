"""WeChat and us, connected: the sandbox pushes to the app's own address, and what came of it."""

from __future__ import annotations

from typing import Any

import msgspec

from server import db
from server.features.push import service as push
from server.ports import Ports
from server.sandbox.wechat import events
from server.sandbox.wechat.events import AccountKind
from server.sandbox.wechat.pusher import Callback
from tests.factories.push import TEMPLATE, Sandbox


class Told:
    """WeChat and us, connected: the sandbox pushes to the app's own address."""

    def __init__(self, sandbox: Sandbox, ports: Ports, url: str) -> None:
        self.sandbox = sandbox
        self.ports = ports
        self.url = url

    def turn(self, account: AccountKind = "program", **knobs: Any) -> Callback:
        held = self.sandbox.world.pusher.callbacks[account]
        changed = msgspec.structs.replace(held, url=self.url, **knobs)
        self.sandbox.world.pusher.configure(account, changed)
        return changed

    async def pushed(self) -> list[str]:
        """Wait until everything is told; how each push ended, the oldest first."""
        await self.sandbox.world.pusher.settled()
        return [one.state for one in self.sandbox.world.pusher.pushes]

    async def hear(self) -> int:
        return await push.hear(self.ports)


async def arrivals() -> list[Any]:
    return list(await db.fetch("SELECT * FROM arrival ORDER BY created_at, id"))


async def balance(account_id: object) -> int | None:
    found: int | None = await db.fetchval(
        "SELECT balance FROM subscription_credit WHERE account_id = $1 AND template_id = $2", account_id, TEMPLATE
    )
    return found


def accepts(told: Told, openid: str) -> None:
    told.sandbox.world.pusher.emit(events.popup(openid, told.sandbox.world.clock.now(), {TEMPLATE: "accept"}))
