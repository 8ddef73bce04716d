"""The proof that a result was taken."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from server.db import Sealed
from server.errors import InvalidInput
from server.kit import clock
from server.kit.ids import new_id

# Whoever was looked at stands at the counter: what was asked of their phone ends soon after.
PATIENCE = timedelta(minutes=10)
_MOST_POINTS = 4000
_LEAST_POINTS = 6
_SIDE = 1000


class Receipt(Model):
    """Who takes a result, as whom, and their signature once it is drawn: strokes on a square of 1000 by 1000."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    delivery_id: UUID = fields.UUIDField()
    receiver_id: UUID = fields.UUIDField()
    as_agent = fields.BooleanField()
    staff_id: UUID = fields.UUIDField()
    asked_at: datetime = fields.DatetimeField()
    signed_at: datetime | None = fields.DatetimeField(null=True)
    signed_on: str | None = fields.TextField(null=True)
    signature_sealed: bytes | None = fields.BinaryField(null=True)

    signature = Sealed("signature_sealed", nullable=True)

    class Meta:
        table = "delivery_receipt"

    @property
    def waits(self) -> bool:
        """Say whether it may be signed now."""
        return self.signed_at is None and clock.now() - self.asked_at < PATIENCE


def read_signature(drawn: str) -> str:
    """Check strokes written as `x,y x,y;x,y x,y`. Refuses `delivery.signature_missing` for a dot, or for none."""
    points = [point.split(",") for stroke in drawn.split(";") for point in stroke.split()]
    sound = all(
        len(point) == 2 and all(one.isascii() and one.isdigit() and int(one) <= _SIDE for one in point)
        for point in points
    )
    apart = len({tuple(point) for point in points})
    if not sound or len(points) > _MOST_POINTS or apart < _LEAST_POINTS:
        raise InvalidInput("delivery.signature_missing")
    return drawn
