"""Where post reaches a person."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from tortoise import Model, fields

from server.db import Sealed
from server.kit import clock
from server.kit.ids import new_id


class Address(Model):
    """One entry of a person's address book; at most one is the `usual`. Who, where and which telephone is sealed."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    person_id: UUID = fields.UUIDField()
    place_sealed: bytes = fields.BinaryField()
    usual = fields.BooleanField(default=False)

    place: Sealed[dict[str, str]] = Sealed("place_sealed", kind="json")

    class Meta:
        table = "address"

    @classmethod
    async def book_of(cls, person_id: UUID) -> list[Self]:
        """List a person's addresses, the usual one first: the only door to them."""
        return await cls.filter(person_id=person_id).order_by("-usual", "created_at", "id")
