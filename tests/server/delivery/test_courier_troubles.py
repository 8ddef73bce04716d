"""The courier where something crosses: two orders, one waybill, a slow answer, and what went out before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import aiohttp
import pytest

from server import db
from server.actor import Staff
from server.config import Settings
from server.features.delivery import service as delivery
from server.ports import Courier, ParcelEnd, Ports
from server.sandbox.twins import courier as twin
from tests.conftest import Clock
from tests.factories.cases import office
from tests.factories.parcels import Post, choose_post, courier_near, ordered, to_send
from tests.server.delivery.test_post import refused


@pytest.fixture
async def post(
    settings: Settings, ports: Ports, http_session: aiohttp.ClientSession, database: None
) -> AsyncIterator[Post]:
    async with courier_near(settings, ports, http_session) as found:
        yield found


class Slow:
    """A courier that takes its time; `meanwhile` the desk calls an order off."""

    def __init__(
        self, courier: Courier, clock: Clock, seconds: int, meanwhile: tuple[Staff, UUID] | None = None
    ) -> None:
        self.configured, self.name = courier.configured, courier.name
        self.cancel, self.track, self.read = courier.cancel, courier.track, courier.read
        self._courier, self._clock, self._seconds, self._meanwhile = courier, clock, seconds, meanwhile

    async def create(self, order: str, *, sender: ParcelEnd, to: ParcelEnd) -> str:
        waybill = await self._courier.create(order, sender=sender, to=to)
        self._clock.advance(seconds=self._seconds)
        if self._meanwhile is not None:
            await delivery.call_off(*self._meanwhile)
        return waybill


async def states() -> list[str]:
    return [row["state"] for row in await db.fetch("SELECT state FROM courier_order ORDER BY created_at")]


async def test_what_came_back_is_sent_anew_without_its_old_waybill(post: Post) -> None:
    at = await office()
    who, _ = await ordered(post, at)
    for state in ("picked_up", "in_transit", "returned"):
        await post.goes(state)
    await choose_post(who)
    (shown,) = (await delivery.ledger(at.clerk.actor)).items
    assert (shown.state, shown.waybill, shown.order) == ("to_send", None, None)


async def test_a_waybill_is_of_the_result_it_was_given_for(post: Post, clock: Clock) -> None:
    at = await office()
    clerk = at.clerk.actor
    _, ordered = await to_send(post.client, post.ports, at)
    _, other = await to_send(post.client, post.ports, at)
    await delivery.order(clerk, post.ports.courier, ordered)
    await post.work()
    assert await refused(delivery.post(clerk, other, post.parcel.waybill)) == "delivery.waybill_used"
    await db.execute(
        "INSERT INTO sending (id, created_at, delivery_id, state, waybill, staff_id, moved_at)"
        " VALUES (gen_random_uuid(), now(), $1, 'posted', $2, $3, now())", other, post.parcel.waybill, clerk.staff_id,
    )  # fmt: skip
    assert (await post.goes("picked_up")).answer == '{"ignored":"waybill_used"}'
    assert await db.fetchval("SELECT state FROM delivery WHERE id = $1", ordered) == "handed_to_window"


async def test_one_parcel_that_cannot_go_on_stops_no_other(post: Post, clock: Clock) -> None:
    at = await office()
    rows = []
    for _ in range(2):
        _, row = await ordered(post, at)
        await post.goes("picked_up")
        rows.append(row)
    for parcel in post.sandbox.world.state.parcels:
        twin.move(post.sandbox.world, parcel, "in_transit")
    await db.execute("UPDATE delivery SET state = 'returned', ended_at = now() WHERE id = $1", rows[0])
    clock.advance(hours=7)
    post.sandbox.world.clock.offset = 7 * 3600
    assert await delivery.ask_courier(post.ports) == 2
    assert await db.fetchval("SELECT state FROM delivery WHERE id = $1", rows[1]) == "in_transit"


async def test_nothing_is_begun_when_its_lease_is_nearly_over(post: Post, clock: Clock) -> None:
    """Another worker takes what is left, and only that: an order said late could undo what was called off since."""
    at = await office()
    for _ in range(2):
        _, row = await to_send(post.client, post.ports, at)
        await delivery.order(at.clerk.actor, post.ports.courier, row)
    slow = Slow(post.ports.courier, clock, 45)
    assert await delivery.place_orders(replace(post.ports, courier=slow)) == 1
    assert sorted(await states()) == ["ordered", "waiting"]
    clock.advance(seconds=16)
    assert await post.work() == 1
    assert await states() == ["ordered", "ordered"]


async def test_called_off_while_it_was_said_and_fetched_all_the_same(post: Post, clock: Clock) -> None:
    at = await office()
    who, row = await to_send(post.client, post.ports, at)
    await delivery.order(at.clerk.actor, post.ports.courier, row)
    slow = Slow(post.ports.courier, clock, 1, (at.clerk.actor, row))
    await delivery.place_orders(replace(post.ports, courier=slow))
    assert await states() == ["cancelling"]
    twin.move(post.sandbox.world, post.parcel, "picked_up")
    clock.advance(minutes=1)
    assert await post.work() == 1
    assert await states() == ["ordered"]
    assert (await twin.tell(post.sandbox.world, post.parcel, post.parcel.events[-1])).answer == '{"ignored":null}'
    assert (await who.screen())["delivery"]["state"] == "posted"


async def test_fetched_under_an_order_that_had_been_called_off(post: Post, clock: Clock) -> None:
    at = await office()
    who, row = await to_send(post.client, post.ports, at)
    for _ in range(2):
        await delivery.order(at.clerk.actor, post.ports.courier, row)
        await post.work()
        first = post.sandbox.world.state.parcels[0]
        if len(post.sandbox.world.state.parcels) == 1:
            await delivery.call_off(at.clerk.actor, row)
            await post.work()
    twin.move(post.sandbox.world, first, "picked_up", anyhow=True)
    assert (await twin.tell(post.sandbox.world, first, first.events[-1])).answer == '{"ignored":null}'
    assert (await who.screen())["delivery"]["waybill"] == first.waybill
    assert await states() == ["cancelled", "cancelling"]


async def test_fetched_before_we_know_that_it_was_ordered(post: Post, clock: Clock) -> None:
    """The courier's answer was lost, and its people are quicker than our next try."""
    at = await office()
    who, row = await to_send(post.client, post.ports, at)
    await delivery.order(at.clerk.actor, post.ports.courier, row)
    post.sandbox.fault("drop_after_commit", f"{twin.PATH}/orders")
    await post.work()
    assert await states() == ["waiting"]
    assert (await post.goes("picked_up")).answer == '{"ignored":null}'
    assert (await who.screen())["delivery"]["waybill"] == post.parcel.waybill
    clock.advance(minutes=1)
    assert (await post.work(), await states()) == (0, ["ordered"])


async def test_an_end_counts_whatever_the_clocks_say(post: Post) -> None:
    at = await office()
    who, _ = await ordered(post, at)
    await post.goes("picked_up")
    post.sandbox.world.clock.offset = 30
    await post.goes("in_transit")
    await post.goes("out_for_delivery")
    post.sandbox.world.clock.offset = 20
    assert (await post.goes("signed")).answer == '{"ignored":null}'
    assert (await who.screen())["delivery"]["state"] == "signed"


async def test_what_nobody_fetches_is_called_off_and_asked_after_no_more(post: Post, clock: Clock) -> None:
    at = await office()
    _, row = await ordered(post, at)
    clock.advance(days=7)
    post.sandbox.world.clock.offset = 7 * 86_400
    assert (await delivery.ask_courier(post.ports), await states()) == (1, ["ordered"])
    clock.advance(days=2)
    post.sandbox.world.clock.offset = 9 * 86_400
    await delivery.ask_courier(post.ports)
    assert await states() == ["cancelling"]
    await post.work()
    assert (await states(), post.parcel.state) == (["cancelled"], "cancelled")
    clock.advance(days=1)
    assert await delivery.ask_courier(post.ports) == 0
    await delivery.post(at.clerk.actor, row, "EA123456789CN")


async def test_what_ended_unsaid_is_called_off_when_it_goes_another_way(post: Post, clock: Clock) -> None:
    """Its answer was lost: the courier has it all the same, and would come for a parcel that is gone."""
    at = await office()
    _, row = await ordered(post, at)
    await db.execute("UPDATE courier_order SET state = 'too_late', waybill = NULL")
    await delivery.post(at.clerk.actor, row, "EA123456789CN")
    assert await states() == ["cancelling"]
    await post.work()
    assert (await states(), post.parcel.state) == (["cancelled"], "cancelled")
    assert await db.fetchval("SELECT state FROM delivery") == "posted"


async def test_another_address_is_another_order(post: Post) -> None:
    """The courier knows the number with the address from before: that one is called off, and the next has its own."""
    at = await office()
    _, row = await ordered(post, at)
    await db.execute("UPDATE courier_order SET state = 'too_late', waybill = NULL")
    await db.execute("UPDATE hall SET phone = '0558-4419999'")
    await delivery.order(at.clerk.actor, post.ports.courier, row)
    assert await post.work() == 1
    assert await states() == ["cancelling"]
    await post.work()
    assert await states() == ["cancelled"]
    await delivery.order(at.clerk.actor, post.ports.courier, row)
    await post.work()
    assert await states() == ["cancelled", "ordered"]
    assert [one.state for one in post.sandbox.world.state.parcels] == ["cancelled", "ordered"]
