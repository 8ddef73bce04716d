"""What somebody asked about their own data."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from tortoise import Model, fields

from server.db import Sealed
from server.kit import clock
from server.kit.ids import new_id

CONSTRAINTS = ("data_request_kind_check", "data_request_state_check", "data_request_open_key")


class Wish(enum.StrEnum):
    """What was asked."""

    EXPORT = "export"
    ERASURE = "erasure"


class WishState(enum.StrEnum):
    """Where it stands. An export is done at once."""

    ASKED = "asked"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class DataRequest(Model):
    """One wish. `reason` says why erasure was declined."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    person_id: UUID = fields.UUIDField()
    kind = fields.CharEnumField(Wish)
    state = fields.CharEnumField(WishState)
    moved_at: datetime = fields.DatetimeField(default=clock.now)
    reason_sealed: bytes | None = fields.BinaryField(null=True)

    reason = Sealed("reason_sealed", nullable=True)

    class Meta:
        table = "data_request"
