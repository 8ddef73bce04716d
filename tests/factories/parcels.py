"""A product that reaches a courier in the sandbox, which tells it what happens to parcels."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID

import aiohttp
import msgspec

from server import db
from server.adapters import courier
from server.app import create_app
from server.config import Settings
from server.features.delivery import service as delivery
from server.ports import Ports
from server.sandbox.state import Parcel, ParcelState, Told
from server.sandbox.twins import courier as twin
from tests.factories.booking import key
from tests.factories.cases import Applicant, Office, granted, shelved
from tests.factories.identity import SomeCitizen
from tests.factories.push import Sandbox, running, with_sandbox
from tests.fixtures_web import Client, serve
from tests.server.identity.test_addresses import add


@dataclass(frozen=True, slots=True)
class Post:
    """The courier, the product it talks to, and what the worker does."""

    sandbox: Sandbox
    client: Client
    ports: Ports

    @property
    def parcel(self) -> Parcel:
        """The newest parcel the courier knows."""
        return self.sandbox.world.state.parcels[-1]

    async def goes(self, state: ParcelState, *, anyhow: bool = False, forged: bool = False, nonce: str = "") -> Told:
        """Move it one step and tell the product."""
        twin.move(self.sandbox.world, self.parcel, state, anyhow=anyhow)
        return await twin.tell(self.sandbox.world, self.parcel, self.parcel.events[-1], forged=forged, nonce=nonce)

    async def tells_of_another(self) -> Told:
        """Tell the product of a waybill it never gave."""
        real, self.parcel.waybill = self.parcel.waybill, "YZ0000000000CN"
        told = await self.goes("in_transit", anyhow=True)
        self.parcel.waybill = real
        return told

    async def work(self) -> int:
        """Let the worker say what waits to be said."""
        return await delivery.place_orders(self.ports)


@asynccontextmanager
async def courier_near(settings: Settings, ports: Ports, session: aiohttp.ClientSession) -> AsyncIterator[Post]:
    """Start both and let them know each other."""
    async with running(settings) as sandbox:
        world = sandbox.world
        reached = replace(
            sandbox.settings,
            courier_api_base=sandbox.settings.wechat_api_base + twin.PATH,
            courier_client=world.settings.courier_client,
            courier_secret=world.settings.courier_secret,
            courier_name="",
        )
        reaching = replace(with_sandbox(ports, sandbox), courier=courier.make(reached))
        product = await serve(create_app(settings=reached, ports=reaching))
        url = f"{product.base}/courier/callback"
        world.settings = msgspec.structs.replace(world.settings, courier_callback_url=url)
        yield Post(sandbox, Client(product.base, session, {"accept-language": "zh-CN"}), reaching)
        await product.stop()


async def choose_post(who: Applicant, **changes: str) -> None:
    """Wish for the post, to an address of one's book."""
    book = (await who.phone.get("/api/v1/me/addresses")).json["items"] or (await add(who.phone, **changes)).json[
        "items"
    ]
    wish = {"method": "post", "address_id": book[0]["id"]}
    done = await who.phone.put(f"/api/v1/threads/{who.thread_id}/delivery", json=wish, headers=key())
    assert done.status == 200, done.text


async def to_send(
    client: Client, ports: Ports, at: Office, someone: SomeCitizen | None = None, **changes: str
) -> tuple[Applicant, UUID]:
    """A result that the window has, to be posted."""
    who = await granted(client, ports, at, someone)
    await choose_post(who, **changes)
    await shelved(at.clerk.actor, at.reviewer.actor, who.thread_id, "P-01")
    row: UUID = await db.fetchval("SELECT id FROM delivery WHERE thread_id = $1", who.thread_id)
    return who, row


async def ordered(post: Post, at: Office, someone: SomeCitizen | None = None) -> tuple[Applicant, UUID]:
    """A result whose parcel the courier was asked to fetch, and said yes."""
    who, row = await to_send(post.client, post.ports, at, someone)
    await delivery.order(at.clerk.actor, post.ports.courier, row)
    await post.work()
    return who, row
