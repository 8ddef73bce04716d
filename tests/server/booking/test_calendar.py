"""The hall's calendar: what is open when, and what becomes of those who have a time that closes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.actor import System
from server.errors import InvalidInput, NotFound
from server.features.booking import service as booking
from server.features.booking.schemas import SlotOut
from server.features.catalogue import service as catalogue
from server.kit import clock as clocks
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, bookable
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Client
from tests.server.booking.test_holds import BOOKINGS, requested, tapped


def on(slot: SlotOut) -> date:
    return slot.starts_at.astimezone(clocks.SHANGHAI).date()


def change(place: Bookable, kind: str, day: date, **more: Any) -> booking.HallChange:
    given = {"reason": "设备检修", "weekdays": list(range(7))} | more
    return booking.HallChange(hall_id=place.hall.id, kind=kind, first_on=day, last_on=day, **given)


async def test_a_closure_tells_everybody_and_keeps_another_time(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff
) -> None:
    place = await bookable(capacity=2, confirmation="auto")
    manager = (await as_staff("hall_manager", hall=place.hall.id)).actor
    slot = (await place.slots())[60]
    phones = [client.as_((await as_citizen()).token) for _ in range(2)]
    made = [(await tapped(phone, place, slot)).json for phone in phones]
    shut = change(place, "closed", on(slot))
    seen = await booking.effect(manager, shut)
    assert seen.bookings == 2
    assert seen.closed > 10
    assert await booking.move_closed() == 0
    await booking.change_hall(manager, shut)
    assert [await booking.move_closed() for _ in range(2)] == [2, 0]
    for phone, one in zip(phones, made, strict=True):
        assert (await phone.get(f"{BOOKINGS}/{one['id']}")).json["state"] == "cancelled"
        (kept,) = (await phone.get(BOOKINGS)).json["items"]
        assert (kept["offer"], kept["number"]) == ("hall", one["number"])
        assert datetime.fromisoformat(kept["starts_at"]).date() > on(slot)
        taken = await requested(phone, kept["id"])
        assert taken.json["state"] == "confirmed"
        kinds = {line["kind"] for line in (await phone.get("/api/v1/inbox")).json["items"]}
        assert {"booking.closed", "booking.offered"} <= kinds
    late = await tapped(client.as_((await as_citizen()).token), place, slot)
    assert (late.status, late.json["code"]) == (409, "booking.closed")
    (stands,) = await booking.changes_of(manager, place.hall.id)
    await booking.end_change(manager, stands.id)
    assert (await tapped(client.as_((await as_citizen()).token), place, slot)).status == 201


async def test_an_imported_holiday_closes_what_stands(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(capacity=2, confirmation="auto")
    slot = next(slot for slot in (await place.slots())[60:] if on(slot).weekday() < 5)
    phone = client.as_((await as_citizen()).token)
    await tapped(phone, place, slot)
    await catalogue.set_day(System(name="tests"), on(slot), working=False, name="临时假日")
    await booking.release_slots()
    assert on(slot) not in {on(one) for one in await place.slots()}
    assert await booking.move_closed() == 1
    assert (await phone.get(BOOKINGS)).json["items"][0]["state"] == "held"


async def test_a_make_up_workday_runs_as_a_monday_and_a_holiday_shuts_a_weekend_too() -> None:
    """The base week knows Mondays and Saturdays apart; the day table says which of them a date is."""
    place = await bookable()
    await db.execute("DELETE FROM slot_rule")
    for weekday, capacity in ((0, 7), (5, 3)):
        await booking.add_rule(
            place.hall.id,
            "general",
            weekdays=(weekday,),
            opens=time(9),
            closes=time(10),
            minutes=60,
            capacity=capacity,
        )
    await booking.release_slots()
    saturdays = sorted({on(slot) for slot in await place.slots() if on(slot).weekday() == 5})[:3]
    plain, holiday, working = saturdays
    await catalogue.set_day(System(name="tests"), holiday, working=False, name="国庆节")
    await catalogue.set_day(System(name="tests"), working, working=True, name="国庆节")
    await booking.release_slots()
    shown = {on(slot): slot.free for slot in await place.slots()}
    assert (shown.get(plain), shown.get(holiday), shown.get(working)) == (3, None, 7)


async def test_special_opening_and_season(as_staff: AsStaff) -> None:
    place = await bookable(capacity=2)
    manager = (await as_staff("hall_manager", hall=place.hall.id)).actor
    day = next(on(slot) for slot in (await place.slots())[60:] if on(slot).weekday() < 5)
    hours = {"skill": "general", "opens": 12 * 60, "closes": 13 * 60, "minutes": 30, "capacity": 7}
    before = [slot for slot in await place.slots() if on(slot) == day]
    evening = {**hours, "opens": 18 * 60, "closes": 20 * 60}
    assert (await booking.change_hall(manager, change(place, "special", day, **evening))).opened == 4
    assert len([slot for slot in await place.slots() if on(slot) == day]) == len(before) + 4
    await booking.change_hall(manager, change(place, "season", day, **hours))
    times = [slot.starts_at.astimezone(clocks.SHANGHAI).time() for slot in await place.slots() if on(slot) == day]
    assert times == [time(12), time(12, 30), time(18), time(18, 30), time(19), time(19, 30)]


async def test_a_season_leaves_the_duty_hours_of_a_weekend(as_staff: AsStaff) -> None:
    place = await bookable(capacity=2)
    manager = (await as_staff("hall_manager", hall=place.hall.id)).actor
    saturday = next(on(slot) for slot in await place.slots() if on(slot).weekday() == 5)
    before = [slot.starts_at for slot in await place.slots() if on(slot) == saturday]
    hours = {"skill": "general", "opens": 12 * 60, "closes": 13 * 60, "minutes": 30, "capacity": 7}
    effect = await booking.change_hall(manager, change(place, "season", saturday, **hours))
    assert (effect.opened, effect.closed) == (0, 0)
    assert [slot.starts_at for slot in await place.slots() if on(slot) == saturday] == before


async def test_fewer_places_never_below_what_is_taken(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(capacity=3)
    slot = (await place.slots())[60]
    for _ in range(2):
        assert (await tapped(client.as_((await as_citizen()).token), place, slot)).status == 201
    await booking.add_rule(
        place.hall.id,
        "general",
        weekdays=tuple(range(7)),
        opens=time(8, 30),
        closes=time(17, 30),
        minutes=30,
        capacity=1,
    )
    await booking.release_slots()
    row = await db.fetchrow("SELECT taken, capacity FROM slot WHERE id = $1", slot.id)
    assert row is not None
    assert tuple(row) == (2, 2)
    refused = await tapped(client.as_((await as_citizen()).token), place, slot)
    assert refused.json["code"] == "booking.slot_full"


async def test_a_new_day_is_released_at_its_minute(as_staff: AsStaff, clock: Clock) -> None:
    place = await bookable(capacity=1)
    await booking.set_policy(place.hall.id, horizon_days=5, release_minute=9 * 60)
    day = clocks.today() + timedelta(days=3)
    clock.set(datetime.combine(day, time(8, 59), clocks.SHANGHAI))
    await db.execute("DELETE FROM slot_rule WHERE skill <> 'general'")
    last = await db.fetchval("SELECT max(day) FROM slot")
    clock.set(datetime.combine(last - timedelta(days=2), time(8, 59), clocks.SHANGHAI))
    await booking.release_slots()
    early = await db.fetchval("SELECT max(day) FROM slot")
    clock.advance(minutes=2)
    await booking.release_slots()
    assert await db.fetchval("SELECT max(day) FROM slot") > early


async def test_who_may_change_what(as_staff: AsStaff) -> None:
    place = await bookable()
    elsewhere = await make.hall("other")
    stranger = (await as_staff("hall_manager", hall=elsewhere.id)).actor
    day = on((await place.slots())[60])
    with pytest.raises(NotFound):
        await booking.change_hall(stranger, change(place, "closed", day))
    manager = (await as_staff("hall_manager", hall=place.hall.id)).actor
    for wrong in (
        change(place, "closed", day, reason=" "),
        change(place, "special", day),
        change(place, "closed", clocks.today() - timedelta(days=2)),
    ):
        with pytest.raises(InvalidInput, match="change_wrong"):
            await booking.change_hall(manager, wrong)
    with pytest.raises(NotFound):
        await booking.end_change(manager, UUID(int=1))
