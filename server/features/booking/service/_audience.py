"""Whom booking knows: everybody expected at a hall on a day."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from server import db
from server.features.booking.models import LIVE
from server.features.push import service as push

_BOOKED = """
    SELECT DISTINCT person_id FROM booking
    WHERE hall_id = $1 AND day = $2 AND state = ANY($3) AND ($4::uuid IS NULL OR person_id > $4)
    ORDER BY person_id LIMIT $5
"""


@push.audience
class Booked(push.Audience, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everybody who holds a place at a hall on a day."""

    kind: ClassVar[str] = "booking.booked"
    hall: UUID
    day: date

    async def people(self, after: UUID | None, limit: int) -> list[UUID]:
        """Give the next of them by id, each once."""
        live = [state.value for state in LIVE]
        rows = await db.fetch(_BOOKED, self.hall, self.day, live, after, limit)
        return [row["person_id"] for row in rows]
