"""What was tried and refused."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from server.kit import clock
from server.kit.ids import new_id


class Attempt(Model):
    """One refusal: at the `counter`, at the `desk`, of a `locker`'s terminal or of the `courier`; `reason` is its code.

    `params` fill the words of the reason, and are nobody's data.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    way: str = fields.TextField()
    reason: str = fields.TextField()
    params: dict[str, Any] = fields.JSONField()
    staff_id: UUID | None = fields.UUIDField(null=True)
    hall_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "delivery_attempt"
