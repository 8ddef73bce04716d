"""What a department gives in writing, whatever it gives and to whom."""

from __future__ import annotations

from datetime import date, timedelta

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from server.kit import clock
from server.kit.ids import new_id

SOON = timedelta(days=30)


class Instrument(Model):
    """One document, signed by `signed_by`, in force from `first_on` to `last_on`, both days included.

    `item_ids` None is every item of the department. `state`: `asked` until a second person agrees, then `active`, or
    `refused`; `ended` before its last day.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    department_id = fields.UUIDField()
    item_ids: list[str] | None = ArrayField("UUID", null=True)
    number = fields.TextField()
    signed_by = fields.TextField()
    first_on = fields.DateField()
    last_on = fields.DateField()
    state = fields.TextField(default="asked")
    staff_id = fields.UUIDField()
    answered_by = fields.UUIDField(null=True)
    answered_at = fields.DatetimeField(null=True)
    ended_by = fields.UUIDField(null=True)
    ended_at = fields.DatetimeField(null=True)
    reason: str | None = fields.TextField(null=True)

    class Meta:
        abstract = True

    def standing(self, today: date) -> str:
        """Say how it stands on a day: as it is written down, or `coming` or `expired` by its days."""
        if self.state == "active" and not self.first_on <= today <= self.last_on:
            return "coming" if today < self.first_on else "expired"
        return "expired" if self.state == "asked" and self.last_on < today else self.state

    def ends_soon(self, today: date) -> bool:
        """Say whether it is time to enter the next one."""
        return self.state == "active" and today <= self.last_on <= today + SOON
