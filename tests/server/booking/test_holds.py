"""A place kept for somebody: while they choose, because the hall offers it, because they are next in line."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.features.booking import service as booking
from server.features.booking.schemas import SlotOut
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, bookable, key
from tests.factories.identity import AsCitizen, AsStaff, child_of
from tests.fixtures_web import Answer, Client

BOOKINGS = "/api/v1/bookings"


async def tapped(phone: Client, place: Bookable, slot: SlotOut, **wish: object) -> Answer:
    given = {"item_id": str(place.item_id), "slot_id": str(slot.id)} | wish
    return await phone.post(BOOKINGS, json=given, headers=key())


async def requested(phone: Client, booking_id: str, **given: object) -> Answer:
    return await phone.post(f"{BOOKINGS}/{booking_id}/request", json=given, headers=key())


async def taken(slot: SlotOut) -> int:
    number: int = await db.fetchval("SELECT taken FROM slot WHERE id = $1", slot.id)
    return number


async def test_held_then_taken(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(capacity=1, confirmation="auto")
    slot = (await place.slots())[-1]
    me, other = [client.as_((await as_citizen()).token) for _ in range(2)]
    held = await tapped(me, place, slot, hold=True)
    assert (held.status, held.json["state"], held.json["can"]) == (201, "held", ["request", "release", "tick"])
    assert held.json["hold_until"] is not None
    assert (await tapped(other, place, slot)).json["code"] == "booking.slot_full"
    assert (await requested(other, held.json["id"])).status == 404
    got = await requested(me, held.json["id"], ticked=["id_card"])
    assert (got.status, got.json["state"], got.json["hold_until"]) == (200, "confirmed", None)
    assert (await requested(me, held.json["id"])).json["code"] == got.json["code"]
    shown = (await me.get(f"/api/v1/threads/{got.json['thread_id']}")).json
    assert [step["name"] for step in shown["steps"]] == ["booking.confirmed"]


async def test_a_hold_ends_by_itself(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place = await bookable(capacity=1)
    slot = (await place.slots())[-1]
    me, other = [client.as_((await as_citizen()).token) for _ in range(2)]
    held = (await tapped(me, place, slot, hold=True)).json
    assert await booking.release_ended() == 0
    clock.advance(minutes=10, seconds=1)
    late = await requested(me, held["id"])
    assert (late.status, late.json["code"]) == (410, "booking.hold_ended")
    assert await booking.release_ended() == 1
    assert await taken(slot) == 0
    assert (await tapped(other, place, slot)).status == 201
    assert await db.fetchval("SELECT state FROM thread WHERE id = $1", UUID(held["thread_id"])) == "closed"
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE thread_id = $1", UUID(held["thread_id"])) == 0


async def test_no_with_another_time_is_taken_in_one_tap(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff
) -> None:
    place = await bookable(capacity=1)
    wanted, instead = (await place.slots())[-2:]
    phone = client.as_((await as_citizen()).token)
    made = (await tapped(phone, place, wanted)).json
    clerk = await as_staff("clerk", hall=place.hall.id)
    await booking.decline(clerk.actor, UUID(made["id"]), "当日设备检修", instead.id)
    assert (await taken(wanted), await taken(instead)) == (0, 1)
    live = (await phone.get(BOOKINGS)).json["items"]
    assert [(one["state"], one["offer"], one["number"]) for one in live] == [("held", "hall", made["number"])]
    got = await requested(phone, live[0]["id"])
    assert (got.json["state"], got.json["number"]) == ("confirmed", made["number"])
    titles = [one["kind"] for one in (await phone.get("/api/v1/inbox")).json["items"]]
    assert set(titles) == {"booking.requested", "booking.declined", "booking.offered", "booking.confirmed"}


async def test_a_place_given_back_goes_to_the_next_in_line(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place = await bookable(capacity=1, minutes=480)
    slot = (await place.slots())[-1]
    holder, first, second, stranger = [client.as_((await as_citizen()).token) for _ in range(4)]
    made = (await tapped(holder, place, slot)).json
    line = {"item_id": str(place.item_id), "hall_id": str(place.hall.id), "day": str(slot.starts_at.date())}
    for ahead, phone in enumerate((first, second)):
        stood = await phone.post("/api/v1/waits", json=line, headers=key())
        assert (stood.status, stood.json["ahead"]) == (201, ahead), stood.text
    again = await first.post("/api/v1/waits", json=line, headers=key())
    assert (again.status, again.json["code"]) == (409, "booking.already_waiting")
    await holder.post(f"{BOOKINGS}/{made['id']}/cancel", headers=key())
    assert (await tapped(stranger, place, slot)).json["code"] == "booking.slot_full"
    offered = (await first.get("/api/v1/waits")).json["items"][0]
    assert offered["state"] == "offered"
    clock.advance(minutes=31)
    assert await booking.release_ended() == 1
    assert (await first.get("/api/v1/waits")).json["items"] == []
    mine = (await second.get("/api/v1/waits")).json["items"][0]
    assert (await requested(second, mine["booking_id"])).status == 200
    assert await taken(slot) == 1
    states = [row["state"] for row in await db.fetch("SELECT state FROM waitlist ORDER BY created_at")]
    assert states == ["lapsed", "taken"]


async def test_what_is_kept_for_a_child_is_told_to_whom_stood_in_line(client: Client, as_citizen: AsCitizen) -> None:
    """A child has no telephone: half an hour is too short for a message that nobody hears."""
    place = await bookable(capacity=1, minutes=480)
    slot = (await place.slots())[-1]
    parent = await as_citizen(name="李敏")
    child = await child_of(parent)
    holder, phone = client.as_((await as_citizen()).token), client.as_(parent.token)
    made = (await tapped(holder, place, slot)).json
    sooner = (await tapped(phone, place, (await place.slots())[0])).json
    line = {"item_id": str(place.item_id), "hall_id": str(place.hall.id), "day": str(slot.starts_at.date())}
    stood = await phone.post("/api/v1/waits", json=line | {"for_person_id": str(child)}, headers=key())
    assert (stood.status, stood.json["person"]) == (201, "王*一")
    await holder.post(f"{BOOKINGS}/{made['id']}/cancel", headers=key())
    told = await db.fetch("SELECT account_id FROM outbox WHERE kind = 'booking.offered'")
    assert {row["account_id"] for row in told} == {parent.actor.account_id}
    first = (await phone.get("/api/v1/home")).json["next_booking"]
    assert (first["state"], first["person"]) == ("held", "王*一"), "what waits for an answer comes before what is near"
    assert first["id"] != sooner["id"]


async def test_waiting_where_there_is_room_is_booking(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(capacity=1)
    phone = client.as_((await as_citizen()).token)
    day = str((await place.slots())[-1].starts_at.date())
    line = {"item_id": str(place.item_id), "hall_id": str(place.hall.id), "day": day}
    refused = await phone.post("/api/v1/waits", json=line, headers=key())
    assert (refused.status, refused.json["code"]) == (409, "booking.day_free")


async def test_whoever_waits_for_what_is_no_longer_done_is_passed_over(client: Client, as_citizen: AsCitizen) -> None:
    """A line never stands in the way of somebody who gives their place back."""
    place = await bookable(capacity=1, minutes=480)
    slot = (await place.slots())[-1]
    holder, first, second = [client.as_((await as_citizen()).token) for _ in range(3)]
    made = (await tapped(holder, place, slot)).json
    other = await make.guide()
    line = {"hall_id": str(place.hall.id), "day": str(slot.starts_at.date())}
    for phone, item in ((first, other.item.id), (second, place.item_id)):
        assert (await phone.post("/api/v1/waits", json=line | {"item_id": str(item)}, headers=key())).status == 201
    await make.guide(other.item, reason="改为现场办理", bookable=False)
    assert (await holder.post(f"{BOOKINGS}/{made['id']}/cancel", headers=key())).status == 200
    states = [(await phone.get("/api/v1/waits")).json["items"][0]["state"] for phone in (first, second)]
    assert states == ["waiting", "offered"]
