"""Who acts for whom while somebody is on leave."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from server.kit import clock
from server.kit.ids import new_id


class Substitution(Model):
    """From `first_on` to `last_on`, included, `substitute_id` acts for `staff_id`; over at once with `ended_at`."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    staff_id = fields.UUIDField()
    substitute_id = fields.UUIDField()
    first_on = fields.DateField()
    last_on = fields.DateField()
    reason = fields.TextField()
    ended_at = fields.DatetimeField(null=True)
    ended_by = fields.UUIDField(null=True)

    class Meta:
        table = "substitution"
