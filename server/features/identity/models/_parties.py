"""Enterprises, and who acts for them."""

from __future__ import annotations

import enum
from datetime import datetime
from uuid import UUID

from tortoise import Model, fields

from server.db import Sealed
from server.kit import clock
from server.kit.ids import new_id


class MemberRole(enum.StrEnum):
    """What a person is to an enterprise."""

    LEGAL_PERSON = "legal_person"
    CLERK = "clerk"


class Enterprise(Model):
    """A legal entity the register confirmed. Its name and code are public."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    uscc: str = fields.TextField()
    name: str = fields.TextField()
    verified_at: datetime = fields.DatetimeField()

    class Meta:
        table = "enterprise"


class Membership(Model):
    """A person's place in an enterprise. A clerk is named by telephone number and becomes a person on first use."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    enterprise_id: UUID = fields.UUIDField()
    role = fields.CharEnumField(MemberRole)
    person_id: UUID | None = fields.UUIDField(null=True)
    phone_sealed: bytes | None = fields.BinaryField(null=True)
    phone_index: bytes | None = fields.BinaryField(null=True)
    authorised_by: UUID | None = fields.UUIDField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)

    phone = Sealed("phone_sealed", nullable=True)

    class Meta:
        table = "membership"
