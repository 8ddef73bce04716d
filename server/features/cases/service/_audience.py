"""Whom cases know: everybody with a case of an item in a state."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from server import db
from server.features.cases.models import CaseState
from server.features.push import service as push

_APPLICANTS = """
    SELECT DISTINCT person_id FROM case_record
    WHERE item_id = $1 AND state = $2 AND ($3::uuid IS NULL OR person_id > $3)
    ORDER BY person_id LIMIT $4
"""


@push.audience
class Applicants(push.Audience, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everybody whose case of an item stands where it does."""

    kind: ClassVar[str] = "cases.applicants"
    states: ClassVar[tuple[str, ...]] = ("draft", "submitted", "pre_review", "correction_asked", "accepted", "granted")
    item: UUID
    state: CaseState

    async def people(self, after: UUID | None, limit: int) -> list[UUID]:
        """Give the next of them by id, each once."""
        rows = await db.fetch(_APPLICANTS, self.item, self.state.value, after, limit)
        return [row["person_id"] for row in rows]
