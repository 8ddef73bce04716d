"""The courier: ordered at the desk, said by the worker, told by signed calls that count once and only forwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import aiohttp
import msgspec
import pytest

from server import db
from server.adapters import courier as adapter
from server.config import Settings
from server.errors import AppError
from server.features.delivery import service as delivery
from server.ports import OutsideError, ParcelEnd, Ports
from server.sandbox.state import ParcelState
from server.sandbox.twins import courier as twin
from tests.conftest import Clock
from tests.factories.cases import Applicant, office
from tests.factories.parcels import Post, courier_near, ordered, to_send
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk, goes_to

ENDS = {
    "sender": ParcelEnd(name="颍上县政务服务中心", phone="0558-4412345", address="颍上县城颍阳路 1 号"),
    "to": ParcelEnd(name="张桂兰", phone="13800001234", address="安徽省阜阳市颍上县颍河路 8 号"),
}


@pytest.fixture
async def post(
    settings: Settings, ports: Ports, http_session: aiohttp.ClientSession, database: None
) -> AsyncIterator[Post]:
    async with courier_near(settings, ports, http_session) as found:
        yield found


async def refused(deed: object) -> str:
    try:
        await deed  # type: ignore[misc]
    except (AppError, OutsideError) as why:
        return why.code
    return "done"


async def kinds(who: Applicant) -> list[str]:
    found = [one["kind"] for one in (await who.phone.get("/api/v1/inbox")).json["items"]]
    return [kind for kind in found if kind.startswith(("delivery", "ratings"))]


async def rows() -> list[tuple[Any, ...]]:
    """Everything a call could change."""
    tables = ("delivery", "sending", "sending_event", "courier_order", "courier_call", "inbox", "outbox", "step")
    return [tuple(await db.fetch(f"SELECT * FROM {name} ORDER BY id")) for name in tables]


async def test_ordered_fetched_and_signed_for(post: Post) -> None:
    at = await office()
    who, row = await to_send(post.client, post.ports, at)
    await delivery.order(at.clerk.actor, post.ports.courier, row)
    assert await refused(delivery.order(at.clerk.actor, post.ports.courier, row)) == "delivery.ordered"
    assert await post.work() == 1
    (shown,) = (await delivery.ledger(at.clerk.actor)).items
    assert (shown.state, shown.waybill, shown.order and shown.order.state) == (
        "to_send",
        post.parcel.waybill,
        "ordered",
    )
    assert post.parcel.to["name"] == who.someone.name or post.parcel.to["phone"] == "13800001234"
    assert (await delivery.label(at.clerk.actor, row)).waybill == post.parcel.waybill
    assert await refused(delivery.post(at.clerk.actor, row, "EA123456789CN")) == "delivery.ordered"
    for state in ("picked_up", "in_transit", "out_for_delivery", "signed"):
        assert (await post.goes(state)).answer == '{"ignored":null}'
    screen = await who.screen()
    assert (screen["state"], screen["delivery"]["state"]) == ("closed", "signed")
    assert [one["text"] for one in screen["delivery"]["track"]] == ["已签收", "派送中", "运送中", "已寄出"]
    assert screen["delivery"]["track"][2]["place"] == "阜阳处理中心"
    told = (await who.phone.get("/api/v1/inbox")).json["items"]
    assert any(one["kind"] == "delivery.posted" and post.parcel.waybill in one["body"] for one in told)
    assert await kinds(who) == ["ratings.invited", "delivery.post_signed", "delivery.posted"]
    assert await db.fetchval("SELECT state FROM courier_order") == "done"


@pytest.mark.parametrize("ended", ["returned", "lost"])
async def test_what_comes_back_or_is_lost_is_told_and_ordered_anew(post: Post, ended: ParcelState) -> None:
    at = await office()
    who, _ = await ordered(post, at)
    steps: tuple[ParcelState, ...] = ("picked_up", "in_transit", ended)
    for state in steps:
        await post.goes(state)
    assert (await kinds(who))[0] == f"delivery.post_{ended}"
    assert (await who.screen())["delivery"]["changeable"]


async def test_calls_that_change_nothing(post: Post) -> None:
    at = await office()
    await ordered(post, at)
    nonce = "n" * 24
    await post.goes("picked_up", nonce=nonce)
    before = await rows()
    forged = await post.goes("in_transit", anyhow=True, forged=True)
    replayed = await post.goes("in_transit", anyhow=True, nonce=nonce)
    bad = await post.goes("in_transit", anyhow=True, nonce="short")
    unknown = await post.tells_of_another()
    post.sandbox.world.clock.offset = -301
    stale = await post.goes("in_transit", anyhow=True)
    post.sandbox.world.clock.offset = 0
    said = [(one.status, msgspec.json.decode(one.answer)["code"]) for one in (forged, replayed, bad, unknown, stale)]
    assert said == [
        (403, "delivery.call_refused"),
        (409, "delivery.call_replayed"),
        (403, "delivery.call_refused"),
        (404, "delivery.waybill_unknown"),
        (403, "delivery.call_refused"),
    ]
    assert await rows() == before
    kept = await db.fetch("SELECT detail FROM audit_entry WHERE action = 'delivery.call_refused'")
    assert len(kept) == 2


async def test_events_out_of_order_go_only_forwards(post: Post) -> None:
    at = await office()
    who, _ = await ordered(post, at)
    world, parcel = post.sandbox.world, post.parcel
    twin.move(world, parcel, "picked_up")
    world.clock.offset = 5
    twin.move(world, parcel, "in_transit")
    picked, moving = parcel.events
    assert (await twin.tell(world, parcel, moving)).answer == '{"ignored":null}'
    assert (await who.screen())["delivery"]["state"] == "in_transit"
    assert (await twin.tell(world, parcel, picked)).answer == '{"ignored":"out_of_order"}'
    assert (await twin.tell(world, parcel, moving)).answer == '{"ignored":"heard_before"}'
    twin.move(world, parcel, "out_for_delivery")
    twin.move(world, parcel, "signed")
    assert (await twin.tell(world, parcel, parcel.events[-1])).answer == '{"ignored":null}'
    assert (await twin.tell(world, parcel, parcel.events[-2])).answer == '{"ignored":"ended"}'
    world.clock.offset = 0
    assert (await kinds(who)).count("delivery.posted") == 1
    why = {row["ignored"] for row in await db.fetch("SELECT ignored FROM courier_call")}
    assert why == {None, "out_of_order", "heard_before", "ended"}


async def test_one_event_told_twice_at_once_counts_once(post: Post) -> None:
    at = await office()
    who, _ = await ordered(post, at)
    twin.move(post.sandbox.world, post.parcel, "picked_up")
    event = post.parcel.events[-1]
    told = await asyncio.gather(*(twin.tell(post.sandbox.world, post.parcel, event) for _ in range(6)))
    assert sorted(one.answer for one in told).count('{"ignored":null}') == 1
    assert (await kinds(who)).count("delivery.posted") == 1


async def test_a_lost_answer_costs_nothing_and_two_workers_order_once(post: Post, clock: Clock) -> None:
    at = await office()
    _, row = await to_send(post.client, post.ports, at)
    await delivery.order(at.clerk.actor, post.ports.courier, row)
    post.sandbox.fault("drop_after_commit", f"{twin.PATH}/orders")
    await post.work()
    assert (await db.fetchval("SELECT state FROM courier_order"), len(post.sandbox.world.state.parcels)) == (
        "waiting",
        1,
    )
    clock.advance(minutes=1)
    assert sum(await asyncio.gather(post.work(), post.work())) == 1
    assert len(post.sandbox.world.state.parcels) == 1
    assert await db.fetchval("SELECT waybill FROM courier_order") == post.parcel.waybill


async def test_what_the_courier_will_not_take_is_shown_and_tried_again_by_hand(post: Post, clock: Clock) -> None:
    at = await office()
    _, row = await to_send(post.client, post.ports, at, street="无人区 1 号")
    clerk = at.clerk.actor
    await delivery.order(clerk, post.ports.courier, row)
    await post.work()
    (shown,) = (await delivery.ledger(clerk)).items
    assert shown.order is not None
    assert (shown.order.state, shown.order.reason) == ("dead", "收件地址不在派送范围")
    await delivery.order(clerk, post.ports.courier, row)
    post.sandbox.fault("http", f"{twin.PATH}/orders", times=50, status=503)
    for _ in range(4):
        await post.work()
        clock.advance(hours=9)
    await post.work()
    assert await db.fetchval("SELECT state FROM courier_order") == "too_late"
    assert await post.work() == 0
    await delivery.post(clerk, row, "EA123456789CN")


async def test_called_off_until_it_is_fetched(post: Post) -> None:
    at = await office()
    who, row = await to_send(post.client, post.ports, at)
    clerk = at.clerk.actor
    assert await refused(delivery.call_off(clerk, row)) == "delivery.not_ordered"
    await delivery.order(clerk, post.ports.courier, row)
    await delivery.call_off(clerk, row)
    assert (await db.fetchval("SELECT state FROM courier_order"), await post.work()) == ("cancelled", 0)
    await delivery.order(clerk, post.ports.courier, row)
    await post.work()
    await delivery.call_off(clerk, row)
    await post.work()
    assert post.parcel.state == "cancelled"
    await delivery.order(clerk, post.ports.courier, row)
    await post.work()
    twin.move(post.sandbox.world, post.parcel, "picked_up")
    await delivery.call_off(clerk, row)
    await post.work()
    (shown,) = (await delivery.ledger(clerk)).items
    assert shown.order is not None
    assert (shown.order.state, shown.order.reason) == ("ordered", "快递已经取走，不能取消")
    await twin.tell(post.sandbox.world, post.parcel, post.parcel.events[-1])
    assert (await who.screen())["delivery"]["state"] == "posted"


async def test_what_was_told_and_lost_is_asked_for(post: Post, clock: Clock) -> None:
    at = await office()
    who, _ = await ordered(post, at)
    for state in ("picked_up", "in_transit"):
        twin.move(post.sandbox.world, post.parcel, state)
    assert await delivery.ask_courier(post.ports) == 0
    clock.advance(hours=7)
    post.sandbox.world.clock.offset = 7 * 3600
    assert await delivery.ask_courier(post.ports) == 1
    assert (await who.screen())["delivery"]["state"] == "in_transit"
    assert await delivery.ask_courier(post.ports) == 0


async def test_the_courier_at_the_desk(post: Post) -> None:
    at = await office()
    who, row = await to_send(post.client, post.ports, at)
    desk = at_desk(post.client, at.clerk)
    assert "叫快递取件" in await desk.sees("/console/parcels", state="to_send")
    goes_to(await desk.does(f"/console/parcels/{row}/order", {}))
    await post.work()
    shown = await desk.sees("/console/parcels", q=who.case["number"])
    assert post.parcel.waybill in shown
    assert "快递待上门取件" in shown
    goes_to(await desk.does(f"/console/parcels/{row}/call-off", {}))
    await post.work()
    assert "快递待上门取件" not in await desk.sees("/console/parcels")


async def test_without_a_courier_it_goes_by_hand(client: Client, ports: Ports) -> None:
    at = await office()
    _, row = await to_send(client, ports, at)
    assert await refused(delivery.order(at.clerk.actor, ports.courier, row)) == "delivery.no_courier"
    assert "叫快递取件" not in await at_desk(client, at.clerk).sees("/console/parcels")
    told = await client.post("/courier/callback", data=b"{}")
    assert (told.status, told.json["code"]) == (403, "delivery.call_refused")


async def test_what_the_adapter_makes_of_answers(post: Post) -> None:
    ask = post.ports.courier
    one = await ask.create("a" * 32, **ENDS)
    assert await ask.create("a" * 32, **ENDS) == one
    other = {**ENDS, "to": ENDS["sender"]}
    assert await refused(ask.create("a" * 32, **other)) == "order_differs"
    assert await refused(ask.cancel("b" * 32)) == "unknown_order"
    assert await ask.track("a" * 32) == []
    base = post.sandbox.settings.wechat_api_base + twin.PATH
    known = {"courier_api_base": base, "courier_client": "onetrip-demo", "courier_secret": "not the key"}
    wrong = adapter.HttpCourier(replace(post.sandbox.settings, **known))  # type: ignore[arg-type]
    with pytest.raises(OutsideError) as why:
        await wrong.create("c" * 32, **ENDS)
    assert (why.value.code, why.value.final) == ("bad_signature", False)
    for fault in ("http", "reset", "truncated", "drop_after_commit"):
        post.sandbox.fault(fault, f"{twin.PATH}/orders")
        with pytest.raises(OutsideError) as lost:
            await ask.create("d" * 32, **ENDS)
        assert not lost.value.final
    assert await ask.create("d" * 32, **ENDS)
