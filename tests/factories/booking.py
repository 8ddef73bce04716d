"""A hall that takes bookings, and places in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

import msgspec

from server.actor import Citizen
from server.features.booking import service as booking
from server.features.booking.schemas import AvailabilityQuery, BookIn, BookingOut, SlotOut
from server.features.catalogue.schemas import GuideView, HallView
from server.kit.ids import token
from server.web import Claim
from tests.factories import catalogue as make

EVERY_DAY = tuple(range(7))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookable:
    """An item that is booked in a hall."""

    hall: HallView
    guide: GuideView

    @property
    def item_id(self) -> UUID:
        return self.guide.item.id

    async def slots(self) -> list[SlotOut]:
        """List the places that are free now."""
        query = AvailabilityQuery(item_id=self.item_id, hall_id=self.hall.id, days=31)
        month = await booking.availability(query)
        return [slot for day in month.days for slot in day.slots if not slot.full]


async def bookable(*, capacity: int = 2, minutes: int = 30, confirmation: str = "staff", **guide: Any) -> Bookable:
    """An item with places every day from 8:30 to 17:30, from now to the horizon."""
    hall = await make.county()
    published = await make.guide(**guide)
    await booking.set_policy(hall.id, confirmation=confirmation)
    await booking.add_rule(
        hall.id,
        "general",
        weekdays=EVERY_DAY,
        opens=time(8, 30),
        closes=time(17, 30),
        minutes=minutes,
        capacity=capacity,
    )
    await booking.release_slots()
    return Bookable(hall=hall, guide=published)


async def book(actor: Citizen, wish: BookIn) -> BookingOut:
    """Take a place as a phone with a key of its own would."""
    claim = Claim(owner=f"citizen:{actor.account_id}", key=token(), fingerprint=b"test")
    return msgspec.json.decode((await booking.book(actor, wish, claim)).body, type=BookingOut)


def key() -> dict[str, str]:
    """An Idempotency-Key of its own."""
    return {"idempotency-key": token()}
