"""A result in the post."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from server.db import Sealed
from server.errors import FieldError, InvalidInput
from server.kit import clock
from server.kit.ids import new_id

_WAYBILL = re.compile(r"[A-Z0-9]{8,30}", re.ASCII)
# What may be heard of a parcel, from where it stands: never back.
HEARD: dict[str, tuple[str, ...]] = {
    "in_transit": ("posted",),
    "signed": ("posted", "in_transit"),
    "returned": ("posted", "in_transit"),
    "lost": ("posted", "in_transit"),
}


class Sending(Model):
    """One sending of a result. What came back or was lost may be sent again, with another waybill."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    delivery_id: UUID = fields.UUIDField()
    state: str = fields.TextField(default="posted")
    waybill: str = fields.TextField()
    staff_id: UUID = fields.UUIDField()
    moved_at: datetime = fields.DatetimeField(default=clock.now)

    class Meta:
        table = "sending"


class SendingEvent(Model):
    """One thing heard of a parcel, in the order it was heard; from a courier with the time and place it has told."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    sending_id: UUID = fields.UUIDField()
    state: str = fields.TextField()
    staff_id: UUID | None = fields.UUIDField(null=True)
    # A courier's own words, in which an address or a name may stand.
    place_sealed: bytes | None = fields.BinaryField(null=True)
    told_at: datetime | None = fields.DatetimeField(null=True)

    place = Sealed("place_sealed", nullable=True)

    class Meta:
        table = "sending_event"


def read_waybill(typed: str) -> str:
    """Read a waybill as it is typed or scanned. Refuses `invalid_input` for the field."""
    plain = "".join(typed.split()).replace("-", "").upper()
    if not _WAYBILL.fullmatch(plain):
        raise InvalidInput("invalid_input", fields=(FieldError("waybill", "bad_format"),))
    return plain
