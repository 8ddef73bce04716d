"""What a reminder says is true when it arrives, it comes while it helps, and it goes wherever the booking goes."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from server import db
from server.features.booking import service as booking
from server.features.booking.schemas import SlotOut
from server.kit import clock as clocks
from tests.conftest import Clock
from tests.factories.booking import Bookable, bookable, key
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Client
from tests.server.booking.test_holds import BOOKINGS, tapped

_REMINDERS = ("booking.tomorrow", "booking.soon")


def at(slot: SlotOut, clock_time: time, *, days: int = 0) -> datetime:
    day = slot.starts_at.astimezone(clocks.SHANGHAI).date() + timedelta(days=days)
    return datetime.combine(day, clock_time, clocks.SHANGHAI)


async def afternoon(place: Bookable) -> SlotOut:
    """A time at half past two, some days ahead."""
    return [one for one in await place.slots() if one.starts_at == at(one, time(14, 30))][5]


async def said() -> Counter[str]:
    return Counter(row["kind"] for row in await db.fetch("SELECT kind FROM inbox") if row["kind"] in _REMINDERS)


async def waiting() -> set[str]:
    return {row["kind"] for row in await db.fetch("SELECT kind FROM outbox WHERE state = 'pending'")}


async def test_the_day_before_says_tomorrow_and_only_then(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    place = await bookable(confirmation="auto")
    slot = await afternoon(place)
    someone = await as_citizen()
    assert (await tapped(client.as_(someone.token), place, slot)).status == 201
    clock.set(at(slot, time(14), days=-1))
    assert await booking.remind() == 0
    clock.set(at(slot, time(14, 31), days=-1))
    assert await booking.remind() == 1
    (line,) = [
        one
        for one in (await client.as_(someone.token).get("/api/v1/inbox")).json["items"]
        if one["kind"] == "booking.tomorrow"
    ]
    assert "明天" in line["title"]
    # On the day itself it would be wrong: what has not reached a phone by midnight is not sent any more.
    deadline = await db.fetchval("SELECT deadline FROM outbox WHERE kind = 'booking.tomorrow'")
    assert deadline == at(slot, time(0))


async def test_booked_on_the_day_nobody_says_tomorrow_and_two_hours_before_still_comes(
    client: Client, as_citizen: AsCitizen, clock: Clock
) -> None:
    place = await bookable(confirmation="auto")
    slot = await afternoon(place)
    clock.set(at(slot, time(8, 10)))
    someone = await as_citizen()
    phone = client.as_(someone.token)
    made = (await tapped(phone, place, slot)).json
    left = booking.reminders_left(await booking.get_row(UUID(made["id"])))
    assert [one.kind for one in left] == ["booking.soon"]
    for moment in (time(8, 11), time(9), time(12, 29)):
        clock.set(at(slot, moment))
        assert await booking.remind() == 0, moment
    clock.set(at(slot, time(12, 31)))
    assert await booking.remind() == 1
    assert await said() == {"booking.soon": 1}


async def test_booked_late_in_the_evening_nobody_says_tomorrow_in_the_morning(
    client: Client, as_citizen: AsCitizen, clock: Clock
) -> None:
    place = await bookable(confirmation="auto")
    slot = await afternoon(place)
    clock.set(at(slot, time(21, 5), days=-1))
    assert (await tapped(client.as_((await as_citizen()).token), place, slot)).status == 201
    for moment in (at(slot, time(21, 40), days=-1), at(slot, time(8, 5)), at(slot, time(11))):
        clock.set(moment)
        assert await booking.remind() == 0, moment


async def test_who_comes_late_in_the_evening_is_told_the_evening_before(
    client: Client, as_citizen: AsCitizen, clock: Clock
) -> None:
    place = await bookable(confirmation="auto")
    await booking.add_rule(
        place.hall.id, "general", weekdays=tuple(range(7)), opens=time(23), closes=time(23, 30), minutes=30, capacity=1
    )
    await booking.release_slots()
    slot = [one for one in await place.slots() if one.starts_at == at(one, time(23))][5]
    assert (await tapped(client.as_((await as_citizen()).token), place, slot)).status == 201
    clock.set(at(slot, time(19, 59), days=-1))
    assert await booking.remind() == 0
    clock.set(at(slot, time(20), days=-1))
    assert [await booking.remind() for _ in range(2)] == [1, 0]


async def test_nobody_is_reminded_of_what_they_have_just_done_nor_when_it_is_too_late(
    client: Client, as_citizen: AsCitizen, clock: Clock
) -> None:
    place = await bookable(confirmation="auto")
    slot = await afternoon(place)
    clock.set(at(slot, time(13, 30)))
    assert (await tapped(client.as_((await as_citizen()).token), place, slot)).status == 201
    assert await booking.remind() == 0
    clock.set(at(slot, time(14, 1)))
    assert await booking.remind() == 1
    late = next(one for one in await place.slots() if one.starts_at == at(slot, time(15, 30)))
    clock.set(at(slot, time(14, 50)))
    assert (await tapped(client.as_((await as_citizen()).token), place, late)).status == 201
    # Half an hour later it begins in ten minutes: whoever is not on their way by then does not arrive by being told.
    clock.set(at(slot, time(15, 21)))
    assert await booking.remind() == 0


async def test_what_still_waits_to_be_sent_goes_with_the_booking(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    """Given back, moved, checked in: a phone that could not be reached before does not ring for it afterwards."""
    place = await bookable(capacity=5, confirmation="auto")
    slot = await afternoon(place)
    other = next(one for one in await place.slots() if one.starts_at == slot.starts_at + timedelta(days=1))
    phones = [client.as_((await as_citizen()).token) for _ in range(3)]
    made: list[dict[str, Any]] = [(await tapped(phone, place, slot)).json for phone in phones]
    clock.set(at(slot, time(12, 25)))
    await db.execute("UPDATE outbox SET state = 'sent', ended_at = $1 WHERE state = 'pending'", clocks.now())
    clock.set(at(slot, time(12, 31)))
    assert await booking.remind() == 3
    assert await waiting() == {"booking.soon"}
    await booking.set_policy(place.hall.id, cancel_minutes=30)
    assert (await phones[0].post(f"{BOOKINGS}/{made[0]['id']}/cancel", headers=key())).status == 200
    moved = await phones[1].post(
        f"{BOOKINGS}/{made[1]['id']}/reschedule", json={"slot_id": str(other.id)}, headers=key()
    )
    assert moved.status == 200
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    await booking.check_in(clerk, await booking.get_row(UUID(made[2]["id"])))
    assert "booking.soon" not in await waiting()


async def test_nobody_hears_after_an_outage_that_a_booking_stands_which_has_ended(
    client: Client, as_citizen: AsCitizen
) -> None:
    place = await bookable(capacity=5, confirmation="auto")
    *_, other, slot = await place.slots()
    phones = [client.as_((await as_citizen()).token) for _ in range(3)]
    given_back, moved, kept = [(await tapped(phone, place, slot)).json["id"] for phone in phones]
    assert (await phones[0].post(f"{BOOKINGS}/{given_back}/cancel", headers=key())).status == 200
    there = await phones[1].post(f"{BOOKINGS}/{moved}/reschedule", json={"slot_id": str(other.id)}, headers=key())
    rows = await db.fetch("SELECT event FROM outbox JOIN inbox ON inbox.id = inbox_id WHERE state = 'pending'")
    assert {row["event"] for row in rows} == {
        f"booking.confirmed:{there.json['id']}",
        f"booking.confirmed:{kept}",
    }
    inbox = (await phones[0].get("/api/v1/inbox")).json["items"]
    assert [one["kind"] for one in inbox] == ["booking.cancelled", "booking.confirmed"], "what is written there stays"
