"""Each way to its end, with what people read on their phones: the courier, the locker. The counter: test_told.py."""

from __future__ import annotations

import aiohttp

from server.config import Settings
from server.features.delivery import service as delivery
from server.features.push import service as push
from server.ports import Ports
from server.sandbox.state import ParcelState
from tests.conftest import Clock
from tests.factories.cases import office
from tests.factories.lockers import bank, code_of, lockers_near, to_put_in
from tests.factories.parcels import courier_near, ordered
from tests.factories.push import Reached, Sandbox, agree, reached


async def agreed(sandbox: Sandbox) -> Reached:
    """Somebody who has agreed to be told twice of everything."""
    to = await reached(sandbox, credits=0)
    for template in push.templates().values():
        if template.account == "mini":
            sandbox.world.subscriptions.grant(to.phone.openid, template.id, 2)
            await agree(to.someone, template.id)
            await agree(to.someone, template.id)
    return to


async def newest(sandbox: Sandbox, to: Reached, ports: Ports, clock: Clock) -> str:
    """The card that came last, as one text."""
    clock.advance(seconds=1)
    while await push.deliver(ports, push.Channel.WECHAT):
        pass
    card = sandbox.messages(to.phone)[-1]
    return " ".join([card.title, *(field.value for field in card.fields)])


async def test_by_courier(
    settings: Settings, ports: Ports, http_session: aiohttp.ClientSession, clock: Clock, database: None
) -> None:
    async with courier_near(settings, ports, http_session) as post:
        at, to = await office(), await agreed(post.sandbox)
        who, _ = await ordered(post, at, to.someone)
        await post.goes("picked_up")
        assert post.parcel.waybill in await newest(post.sandbox, to, post.ports, clock)
        steps: tuple[ParcelState, ...] = ("in_transit", "out_for_delivery", "signed")
        for state in steps:
            await post.goes(state)
        assert "评价" in await newest(post.sandbox, to, post.ports, clock)
        assert (await who.screen())["state"] == "closed"
        (told,) = (await (await delivery.delivered(at.reviewer.actor)).page()).items
        assert (told.how, told.waybill) == ("邮件已签收", post.parcel.waybill)


async def test_by_locker(
    settings: Settings, ports: Ports, http_session: aiohttp.ClientSession, clock: Clock, database: None
) -> None:
    async with lockers_near(settings, ports, http_session) as near:
        at, to = await office(), await agreed(near.sandbox)
        into = await bank(at)
        who, row = await to_put_in(near.client, near.ports, at, into, to.someone)
        _, cell = await delivery.place(at.clerk.actor, row, "S")
        code = await code_of(who)
        card = await newest(near.sandbox, to, near.ports, clock)
        for said in (f"{cell:02}", into.name, "全天"):
            assert said in card
        assert into.name in (await who.phone.get("/api/v1/inbox")).json["items"][0]["body"]
        assert code not in card
        assert (await near.types(code)).cell == cell
        await near.says("taken", cell)
        assert "评价" in await newest(near.sandbox, to, near.ports, clock)
        assert (await who.screen())["state"] == "closed"
        (told,) = (await (await delivery.delivered(at.reviewer.actor)).page()).items
        assert told.how == "从取件柜取走"
