"""What an applicant has committed to bring after the case was accepted (容缺受理, notice rows 71 to 74)."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from server.kit import clock
from server.kit.ids import new_id


class Tolerance(Model):
    """The lines of the guide that follow, by key, and the day until which. `closed_at`: all there, or late."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    case_id = fields.UUIDField()
    keys: list[str] = ArrayField("TEXT")
    due_on = fields.DateField()
    staff_id = fields.UUIDField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "tolerance"
