"""Who works behind the desks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import Model, fields

from server.db import Sealed
from server.kit import clock
from server.kit.ids import new_id


class StaffMember(Model):
    """Somebody who works behind a desk.

    `enrol_until`: the password came from an administrator; until then it lets its bearer choose their own and set up an
    authenticator, and nothing else.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    username: str = fields.TextField()
    name_sealed: bytes = fields.BinaryField()
    password_hash: str = fields.TextField()
    totp_sealed: bytes = fields.BinaryField()
    totp_step: int = fields.BigIntField(default=0)
    disabled_at: datetime | None = fields.DatetimeField(null=True)
    enrol_until: datetime | None = fields.DatetimeField(null=True)

    name = Sealed("name_sealed")
    totp = Sealed("totp_sealed")

    class Meta:
        table = "staff"


class StaffGrant(Model):
    """One role within one scope."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    staff_id: UUID = fields.UUIDField()
    role: str = fields.TextField()
    kind: str = fields.TextField()
    scope: str = fields.TextField()
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "staff_grant"
