"""What time does to a booking: nobody is blamed for what the hall did, and nobody is overlooked."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from server import db
from server.features.booking import service as booking
from server.features.booking.service import _overdue
from tests.conftest import Clock
from tests.factories.booking import bookable
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Client
from tests.server.booking.test_days import booked, moment_of, seen


async def test_nobody_is_blamed_for_a_day_on_which_the_hall_shut(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable(confirmation="auto")
    slot = (await place.slots())[-1]
    phone = client.as_((await as_citizen()).token)
    made = await booked(phone, place, slot)
    clock.set(slot.starts_at + timedelta(minutes=5))
    day = moment_of(slot).date()
    shut = booking.HallChange(
        hall_id=place.hall.id, kind="closed", first_on=day, last_on=day, weekdays=list(range(7)), reason="停电"
    )
    await booking.change_hall((await as_staff("hall_manager", hall=place.hall.id)).actor, shut)
    clock.advance(hours=15)
    assert await booking.expire_overdue() == 1
    assert (await seen(phone, made["id"]))["state"] == "expired"


async def test_what_is_not_yet_overdue_does_not_stand_before_what_is(
    client: Client, as_citizen: AsCitizen, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many are ended at once as may be; those whose time is still to come are not among them."""
    monkeypatch.setattr(_overdue, "AT_ONCE", 2)
    place = await bookable(capacity=9)
    slots = await place.slots()
    last = [slot for slot in slots if moment_of(slot).date() == moment_of(slots[-1]).date()]
    for _ in range(3):
        await booked(client.as_((await as_citizen()).token), place, last[-1])
    early = await booked(client.as_((await as_citizen()).token), place, last[0])
    clock.set(last[0].ends_at + timedelta(minutes=1))
    assert await booking.expire_overdue() == 1
    assert await db.fetchval("SELECT state FROM booking WHERE id = $1", UUID(early["id"])) == "expired"
