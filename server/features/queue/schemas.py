"""What comes in and what goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct


class CheckInIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """The token in the hall's QR, as scanned."""

    token: Annotated[str, Meta(min_length=1, max_length=64)]


class TicketQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """With `version`, the answer waits up to `wait` seconds for a newer one."""

    version: Annotated[int, Meta(ge=0)] = 0
    wait: Annotated[int, Meta(ge=0, le=25)] = 0


class HallRef(Struct, kw_only=True):
    """Where the ticket is valid."""

    id: UUID
    name: str


class TicketOut(Struct, kw_only=True):
    """The ticket screen. `ahead` counts people waiting before this one; `window` is where to go once called."""

    id: UUID
    thread_id: UUID
    number: str
    state: str
    state_text: str
    ahead: int
    hall: HallRef
    window: str | None
    version: int


class DeskTicket(Struct, kw_only=True):
    """A ticket as the call panel sees it."""

    id: UUID
    thread_id: UUID
    booking_id: UUID | None
    number: str
    state: str
    state_text: str
    person: str
    item: str
    window_id: UUID | None
    window: str | None
    since: datetime
