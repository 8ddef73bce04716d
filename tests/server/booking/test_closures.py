"""What a hall changes of its supply: everybody it touches is counted beforehand and told afterwards."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from server import db
from server.errors import Conflict
from server.features.booking import service as booking
from tests.conftest import Clock
from tests.factories.booking import bookable, key
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Client
from tests.server.booking.test_calendar import change, on
from tests.server.booking.test_holds import BOOKINGS, requested, tapped

WAITS = "/api/v1/waits"


async def test_a_closure_tells_who_holds_who_was_offered_and_who_waits(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff
) -> None:
    place = await bookable(capacity=1, minutes=240)
    morning, afternoon = [slot for slot in await place.slots() if on(slot) == on((await place.slots())[20])]
    manager = (await as_staff("hall_manager", hall=place.hall.id)).actor
    chooses, held, waits, later = [client.as_((await as_citizen()).token) for _ in range(4)]
    line = {"item_id": str(place.item_id), "hall_id": str(place.hall.id), "day": str(on(morning))}
    first = (await tapped(chooses, place, morning, hold=True)).json
    second = (await tapped(held, place, afternoon)).json
    for phone in (waits, later):
        assert (await phone.post(WAITS, json=line, headers=key())).status == 201
    await held.post(f"{BOOKINGS}/{second['id']}/cancel", headers=key())
    offered = (await waits.get(WAITS)).json["items"][0]["booking_id"]
    shut = change(place, "closed", on(morning))
    seen = await booking.effect(manager, shut)
    assert (seen.bookings, seen.waiting) == (2, 1)
    await booking.change_hall(manager, shut)
    assert [await booking.move_closed() for _ in range(2)] == [3, 0]
    for phone, lost in ((chooses, first["id"]), (waits, offered)):
        shown = (await phone.get(f"{BOOKINGS}/{lost}")).json
        assert shown["state"] == "cancelled"
        # Whoever opens what was lost finds what is kept instead; one tap takes it.
        taken = await requested(phone, shown["instead"])
        assert taken.json["state"] == "confirmed"
        kinds = [one["kind"] for one in (await phone.get("/api/v1/inbox")).json["items"]]
        assert {"booking.closed", "booking.offered"} <= set(kinds)
        assert (await phone.get(WAITS)).json["items"] == []
        assert (await phone.get(f"{BOOKINGS}/{lost}")).json["instead"] is None
    assert (await later.get(WAITS)).json["items"] == []
    (told,) = (await later.get("/api/v1/inbox")).json["items"]
    assert told["kind"] == "booking.wait_ended"
    assert told["page"] == f"/features/booking/pages/pick?item={place.item_id}&hall={place.hall.id}"


async def test_a_line_goes_on_while_anything_of_the_day_is_left(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff
) -> None:
    place = await bookable(capacity=1, minutes=240)
    morning, afternoon = [slot for slot in await place.slots() if on(slot) == on((await place.slots())[20])]
    manager = (await as_staff("hall_manager", hall=place.hall.id)).actor
    one, other, waits = [client.as_((await as_citizen()).token) for _ in range(3)]
    await tapped(one, place, morning)
    await tapped(other, place, afternoon)
    line = {"item_id": str(place.item_id), "hall_id": str(place.hall.id), "day": str(on(morning))}
    await waits.post(WAITS, json=line, headers=key())
    noon = {"opens": 8 * 60, "closes": 12 * 60}
    assert (await booking.change_hall(manager, change(place, "closed", on(morning), **noon))).waiting == 0
    assert await booking.move_closed() == 1
    assert [line["state"] for line in (await waits.get(WAITS)).json["items"]] == ["waiting"]


async def test_ending_an_opening_shows_whom_it_touches(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff
) -> None:
    place = await bookable(capacity=2)
    manager = (await as_staff("hall_manager", hall=place.hall.id)).actor
    day = on((await place.slots())[60])
    evening = {"skill": "general", "opens": 18 * 60, "closes": 20 * 60, "minutes": 30, "capacity": 7}
    await booking.change_hall(manager, change(place, "special", day, **evening))
    slot = [one for one in await place.slots() if on(one) == day][-1]
    phone = client.as_((await as_citizen()).token)
    assert (await tapped(phone, place, slot)).status == 201
    (stands,) = await booking.changes_of(manager, place.hall.id)
    _, seen = await booking.end_effect(manager, stands.id)
    assert (seen.closed, seen.bookings, len(seen.touched)) == (4, 1, 1)
    assert len(await booking.changes_of(manager, place.hall.id)) == 1, "looking changes nothing"
    assert await booking.end_change(manager, stands.id) == seen
    assert await booking.move_closed() == 1
    assert (await phone.get(BOOKINGS)).json["items"][0]["offer"] == "hall"


async def test_ending_a_season_does_not_go_below_what_is_taken(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff
) -> None:
    place = await bookable(capacity=1)
    manager = (await as_staff("hall_manager", hall=place.hall.id)).actor
    slot = next(one for one in (await place.slots())[60:] if on(one).weekday() < 5)
    hours = {"skill": "general", "opens": 8 * 60 + 30, "closes": 17 * 60 + 30, "minutes": 30, "capacity": 3}
    await booking.change_hall(manager, change(place, "season", on(slot), **hours))
    for _ in range(2):
        assert (await tapped(client.as_((await as_citizen()).token), place, slot)).status == 201
    (stands,) = await booking.changes_of(manager, place.hall.id)
    with pytest.raises(Conflict, match="below_taken"):
        await booking.end_effect(manager, stands.id)
    with pytest.raises(Conflict, match="below_taken"):
        await booking.end_change(manager, stands.id)
    assert len(await booking.changes_of(manager, place.hall.id)) == 1


async def test_another_length_leaves_the_end_of_what_is_booked(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable(capacity=2, minutes=60)
    manager = (await as_staff("hall_manager", hall=place.hall.id)).actor
    slot = next(one for one in (await place.slots())[20:] if one.starts_at.hour == 2)
    phone = client.as_((await as_citizen()).token)
    made = (await tapped(phone, place, slot)).json
    rules = await booking.week_of(manager, place.hall.id)
    edit = booking.LineEdit(
        hall_id=place.hall.id, skill="general", first_on=on(slot), reason="缩短每段",
        replaces=tuple(rule.id for rule in rules),
        weekdays=tuple(range(7)), opens=8 * 60 + 30, closes=17 * 60 + 30, minutes=30, capacity=2,
    )  # fmt: skip
    seen = await booking.line_effect(manager, edit)
    assert (seen.bookings, seen.kept) == (0, 1)
    await booking.edit_line(manager, edit)
    assert (await phone.get(f"{BOOKINGS}/{made['id']}")).json["ends_at"] == made["ends_at"]
    begin = {one.starts_at for one in await place.slots()}
    # Two would sit at one window: nothing begins within the hour that somebody has, and everything around it does.
    assert slot.starts_at + timedelta(minutes=30) not in begin
    assert {slot.starts_at, slot.ends_at, slot.ends_at + timedelta(minutes=30)} <= begin
    assert (await phone.post(f"{BOOKINGS}/{made['id']}/cancel", headers=key())).status == 200
    await booking.release_slots()
    row = await db.fetchrow("SELECT starts_at, ends_at FROM slot WHERE id = $1", UUID(str(slot.id)))
    assert row is not None
    assert row["ends_at"] - row["starts_at"] == timedelta(minutes=30)
    assert slot.starts_at + timedelta(minutes=30) in {one.starts_at for one in await place.slots()}
