"""Orders to the courier, and what the courier has told us."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from server.kit import clock
from server.kit.ids import new_id

# The courier knows of it, or will.
LIVE = ("waiting", "ordered", "cancelling")
# It was never placed, and somebody may try again.
FAILED = ("dead", "too_late")


class CourierOrder(Model):
    """One order that a parcel be fetched. Its id is the number the courier knows it by, however often it is asked.

    `waiting` and `cancelling` are to be said to the courier; `attempt` fences whoever was too slow in saying it.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    delivery_id: UUID = fields.UUIDField()
    state: str = fields.TextField(default="waiting")
    carrier: str = fields.TextField()
    staff_id: UUID = fields.UUIDField()
    waybill: str | None = fields.TextField(null=True)
    reason: str | None = fields.TextField(null=True)
    attempt: int = fields.IntField(default=0)
    failures: int = fields.SmallIntField(default=0)
    run_at: datetime = fields.DatetimeField(default=clock.now)
    deadline: datetime = fields.DatetimeField()
    lease_until: datetime | None = fields.DatetimeField(null=True)
    asked_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "courier_order"


class CourierSaid(Model):
    """One call of the courier's, kept so that it counts once; `ignored` says why it changed nothing."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    nonce: str = fields.TextField()
    order_id: UUID = fields.UUIDField()
    state: str = fields.TextField()
    ignored: str | None = fields.TextField(null=True)

    class Meta:
        table = "courier_call"
