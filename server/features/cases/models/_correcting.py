"""The rules of corrections."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from server.kit import clock
from server.kit.ids import new_id


class CorrectionPolicy(Model):
    """From which day in which area how many working days there are to mend: at least, usually, at most.

    The smallest area that has a rule goes before the larger ones.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    region_code = fields.TextField()
    first_on = fields.DateField()
    last_on = fields.DateField(null=True)
    least_days = fields.SmallIntField()
    usual_days = fields.SmallIntField()
    most_days = fields.SmallIntField()
    reason = fields.TextField()
    staff_id = fields.UUIDField(null=True)

    class Meta:
        table = "correction_policy"
