"""A hall, two phones and staff: what every kind of bad input begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server.actor import Staff
from server.features.booking import service as booking
from server.features.booking.schemas import SlotOut
from server.kit import clock as clocks
from tests.conftest import Clock
from tests.factories.booking import Bookable
from tests.fixtures_web import Client
from tests.server.booking.test_holds import tapped


@dataclass(slots=True, kw_only=True)
class Scene:
    """A hall whose times have one place each, two phones, and staff. `slots` are the last day's, in their order."""

    place: Bookable
    slots: list[SlotOut]
    me: Client
    other: Client
    clerk: Staff
    manager: Staff
    clock: Clock

    async def made(self, phone: Client, slot: SlotOut, **wish: object) -> dict[str, Any]:
        answer = await tapped(phone, self.place, slot, **wish)
        assert answer.status == 201, answer.text
        made: dict[str, Any] = answer.json
        return made

    def line(self, slot: SlotOut) -> dict[str, str]:
        day = slot.starts_at.astimezone(clocks.SHANGHAI).date()
        return {"item_id": str(self.place.item_id), "hall_id": str(self.place.hall.id), "day": str(day)}

    def shut(self, slot: SlotOut) -> booking.HallChange:
        day = slot.starts_at.astimezone(clocks.SHANGHAI).date()
        return booking.HallChange(
            hall_id=self.place.hall.id, kind="closed", first_on=day, last_on=day, weekdays=list(range(7)), reason="检修"
        )
