"""What a department gives its chief representative."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct


class DelegationIn(Struct, kw_only=True):
    """An instrument as it is signed. `item_ids` None: every item of the department."""

    department_id: UUID
    hall_id: UUID
    representative_id: UUID
    deeds: list[str]
    item_ids: list[UUID] | None
    number: str
    signed_by: str
    first_on: date
    last_on: date


class Representative(Struct, kw_only=True):
    """An officer a department can make its chief representative in a hall."""

    id: UUID
    name: str
    username: str


class DelegationOut(Struct, kw_only=True):
    """One instrument. `state`: as its row says, or `coming` or `expired` by its days."""

    id: UUID
    department_id: UUID
    department: str
    hall_id: UUID
    hall: str
    representative_id: UUID
    representative: str
    deeds: list[str]
    item_ids: list[UUID] | None
    items: list[str] | None
    number: str
    signed_by: str
    first_on: date
    last_on: date
    state: str
    soon: bool
    asked_by: str
    answered_by: str | None
    ended_by: str | None
    reason: str | None
    can: list[str]
