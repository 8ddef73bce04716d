"""Whom the queue knows: everybody who has drawn a number in a hall today."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from server import db
from server.features.push import service as push
from server.features.queue.models import UNFINISHED
from server.kit import clock

_HOLDERS = """
    SELECT DISTINCT person_id FROM ticket
    WHERE hall_id = $1 AND day = $2 AND state = ANY($3) AND person_id IS NOT NULL
        AND ($4::uuid IS NULL OR person_id > $4)
    ORDER BY person_id LIMIT $5
"""


@push.audience
class Waiting(push.Audience, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everybody whose number has not been finished today."""

    kind: ClassVar[str] = "queue.waiting"
    hall: UUID

    async def people(self, after: UUID | None, limit: int) -> list[UUID]:
        """Give the next of them by id, each once."""
        open_ = [state.value for state in UNFINISHED]
        rows = await db.fetch(_HOLDERS, self.hall, clock.today(), open_, after, limit)
        return [row["person_id"] for row in rows]
