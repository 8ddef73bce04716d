"""Hand-overs of paper as both desks see them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct


class BatchLine(Struct, kw_only=True):
    """The papers of one case: which they are, and whether they were counted."""

    id: UUID
    case_id: UUID
    number: str
    item: str
    applicant: str
    papers: list[str]
    state: str
    words: str | None


class BatchOut(Struct, kw_only=True):
    """One hand-over. `late`: the signature that is owed was owed before today. `lines` are empty on a list."""

    id: UUID
    number: str
    hall: str
    hall_id: UUID
    department: str
    state: str
    due_on: date
    late: bool
    giver: str
    handed_at: datetime | None
    receiver: str | None
    received_at: datetime | None
    count: int
    open_lines: int
    lines: list[BatchLine]
    can: list[str]


class PapersAt(Struct, kw_only=True):
    """Where the papers of a case are: at the `window`, on a list (`listed`), on the `way`, at the `department`.

    Or not where they should be: `missing` when they were counted, or reported as `lost`.
    """

    place: str
    papers: list[str]
    at: datetime | None
    batch_id: UUID | None
    batch: str | None
    words: str | None
