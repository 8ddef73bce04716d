"""A bank of lockers in the sandbox, and the product its terminal asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

import aiohttp
import msgspec

from server import db
from server.adapters import lockers
from server.app import create_app
from server.config import Settings
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import HallView, PlaceIn
from server.features.delivery import service as delivery
from server.ports import Ports
from server.sandbox.twins import lockers as twin
from tests.factories import catalogue as make
from tests.factories.booking import key
from tests.factories.cases import Applicant, Office, granted, shelved
from tests.factories.identity import SomeCitizen
from tests.factories.push import Sandbox, running, with_sandbox
from tests.fixtures_web import Client, serve

KEY = "bank"


@dataclass(frozen=True, slots=True)
class Bank:
    """The terminal, the product it asks, and the desk's port."""

    sandbox: Sandbox
    client: Client
    ports: Ports

    async def types(self, code: str, *, bank: str = KEY, nonce: str = "", forged: bool = False) -> twin.Answer:
        """Somebody types a code."""
        return await twin.say(self.sandbox.world, bank, "code", code=code, nonce=nonce, forged=forged)

    async def says(self, event: Literal["taken", "fault"], cell: int) -> twin.Answer:
        """A door was shut, or does not open."""
        return await twin.say(self.sandbox.world, KEY, event, cell=cell)


@asynccontextmanager
async def lockers_near(settings: Settings, ports: Ports, session: aiohttp.ClientSession) -> AsyncIterator[Bank]:
    """Start both and let them know each other."""
    async with running(settings) as sandbox:
        world = sandbox.world
        base = sandbox.settings.wechat_api_base + twin.PATH
        reached = replace(sandbox.settings, locker_api_base=base, locker_secret=world.settings.locker_secret)
        reaching = replace(with_sandbox(ports, sandbox), lockers=lockers.make(reached))
        product = await serve(create_app(settings=reached, ports=reaching))
        world.settings = msgspec.structs.replace(
            world.settings, locker_callback_url=f"{product.base}/locker/callback"
        )  # fmt: skip
        yield Bank(sandbox, Client(product.base, session, {"accept-language": "zh-CN"}), reaching)
        await product.stop()


async def bank(at: Office, *, key: str = KEY, cells: int = 2, size: delivery.Size = "S") -> HallView:
    """Put up a bank that the office's hall fills."""
    place = PlaceIn(
        key=key,
        name=f"取件柜 {key}",
        kind="locker_bank",
        region_code=make.COUNTY,
        address="大厅正门西侧",
        hours_text="全天",
    )
    made = await catalogue.upsert_hall(make.TESTER, place)
    await delivery.set_up_bank(at.clerk.actor, made.id, at.hall.id, size, cells)
    return made


async def choose_locker(who: Applicant, to: HallView) -> None:
    """Wish for a locker."""
    wish = {"method": "locker", "hall_id": str(to.id)}
    done = await who.phone.put(f"/api/v1/threads/{who.thread_id}/delivery", json=wish, headers=key())
    assert done.status == 200, done.text


async def to_put_in(
    client: Client, ports: Ports, at: Office, to: HallView, someone: SomeCitizen | None = None
) -> tuple[Applicant, UUID]:
    """A result that the window has, to be put into a locker."""
    who = await granted(client, ports, at, someone)
    await choose_locker(who, to)
    await shelved(at.clerk.actor, at.reviewer.actor, who.thread_id, "L-01")
    row: UUID = await db.fetchval("SELECT id FROM delivery WHERE thread_id = $1", who.thread_id)
    return who, row


async def code_of(who: Applicant) -> str:
    """The code their phone shows."""
    found: str = (await who.screen())["delivery"]["pickup_code"]
    return found
