"""Cells of locker banks, and what the banks' terminals have told us."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from server.kit import clock
from server.kit.ids import new_id

Size = Literal["S", "M", "L"]
# What fits into a size fits into every bigger one.
SIZES: dict[str, tuple[str, ...]] = {"S": ("S", "M", "L"), "M": ("M", "L"), "L": ("L",)}


class LockerCell(Model):
    """One door: `free`, `taken` by a result, `recalled` (the window fetches what is inside) or `faulty`."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    bank_id: UUID = fields.UUIDField()
    number: int = fields.SmallIntField()
    size: str = fields.TextField()
    state: str = fields.TextField(default="free")
    delivery_id: UUID | None = fields.UUIDField(null=True)
    placed_by: UUID | None = fields.UUIDField(null=True)
    opened_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "locker_cell"


class LockerSaid(Model):
    """One call of a terminal's, kept so that it counts once; `refused` says why nothing opened."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    nonce: str = fields.TextField()
    bank_id: UUID = fields.UUIDField()
    event: str = fields.TextField()
    refused: str | None = fields.TextField(null=True)

    class Meta:
        table = "locker_call"
