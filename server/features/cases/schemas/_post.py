"""Envelopes as the desk writes them down and sees them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

Courier = Literal["ems", "post", "sf", "jd", "zto", "yto", "sto", "yunda", "other"]
ReturnReason = Literal["wrong_addressee", "unreadable", "no_such_item", "no_applicant"]
Waybill = Annotated[str, Meta(pattern=r"^\s*[A-Za-z0-9-]{6,40}\s*$")]


class ParcelIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """An envelope that has come: by whom, from whom, on which day, and what was in it."""

    hall_id: UUID
    courier: Courier
    waybill: Waybill
    sender: Annotated[str, Meta(min_length=1, max_length=60)]
    sender_phone: Annotated[str, Meta(max_length=20)] = ""
    received_on: date
    contents: Annotated[str, Meta(min_length=1, max_length=1000)]


class ReturnIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """Sent back: why, in which words, and under which waybill."""

    reason: ReturnReason
    words: Annotated[str, Meta(max_length=500)] = ""
    courier: Courier
    waybill: Waybill


class ParcelOut(Struct, kw_only=True):
    """One envelope. `number` is the case it belongs to; the sender is masked on a list, in clear on its own page."""

    id: UUID
    hall_id: UUID
    hall: str
    courier: str
    waybill: str
    sender: str
    sender_phone: str
    contents: str
    received_on: date
    registered_at: datetime
    state: str
    case_id: UUID | None
    number: str | None
    reason: str | None
    words: str | None
    out_courier: str | None
    out_waybill: str | None
    answered_at: datetime | None
