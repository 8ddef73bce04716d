"""Leave and substitutes, as they are named and shown."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct


class Colleague(Struct, kw_only=True):
    """An officer who may act for another."""

    id: UUID
    name: str
    username: str


class SubstitutionIn(Struct, kw_only=True):
    """Who acts from which day until which, both included, and why."""

    substitute_id: UUID
    first_on: date
    last_on: date
    reason: str


class SubstitutionOut(Struct, kw_only=True):
    """One span of leave. `own`: the reader is the one away. `state`: `coming`, `active`, `over` or `ended`."""

    id: UUID
    away: str
    substitute: str
    own: bool
    first_on: date
    last_on: date
    reason: str
    state: str
    can_end: bool
