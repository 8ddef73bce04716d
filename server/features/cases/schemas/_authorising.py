"""What a department lets a hall do."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct


class AuthorisationIn(Struct, kw_only=True):
    """A document as it is signed. `hall_id` None: every hall; `item_ids` None: every item of the department."""

    department_id: UUID
    hall_id: UUID | None
    item_ids: list[UUID] | None
    kind: Literal["accept", "receive"]
    number: str
    signed_by: str
    first_on: date
    last_on: date


class AuthorisationOut(Struct, kw_only=True):
    """One document. `state`: as its row says, or `coming` or `expired` by its days; `soon`: it is about to end."""

    id: UUID
    department_id: UUID
    department: str
    hall_id: UUID | None
    hall: str | None
    item_ids: list[UUID] | None
    items: list[str] | None
    kind: str
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
