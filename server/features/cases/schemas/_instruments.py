"""What a department gives in writing: to its halls, and to its chief representatives in them."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct


class InstrumentIn(Struct, kw_only=True):
    """A document as it is signed. `item_ids` None: every item of the department."""

    department_id: UUID
    item_ids: list[UUID] | None
    number: str
    signed_by: str
    first_on: date
    last_on: date


class InstrumentOut(Struct, kw_only=True):
    """One document. `state`: as its row says, or `coming` or `expired` by its days; `soon`: it is about to end."""

    id: UUID
    department_id: UUID
    department: str
    hall_id: UUID | None
    hall: str | None
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


class AuthorisationIn(InstrumentIn, kw_only=True):
    """What a hall may do. `hall_id` None: every hall."""

    hall_id: UUID | None
    kind: Literal["accept", "receive"]


class AuthorisationOut(InstrumentOut, kw_only=True):
    """One of them."""

    kind: str


class DelegationIn(InstrumentIn, kw_only=True):
    """What a chief representative may do, in one hall."""

    hall_id: UUID
    representative_id: UUID
    deeds: list[str]


class DelegationOut(InstrumentOut, kw_only=True):
    """One of them."""

    representative_id: UUID
    representative: str
    deeds: list[str]


class Representative(Struct, kw_only=True):
    """An officer a department can make its chief representative in a hall."""

    id: UUID
    name: str
    username: str
