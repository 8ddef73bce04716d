"""What a department lets a hall do in its name (授权委托书, notice rows 77, 85, 86)."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from server.kit import clock
from server.kit.ids import new_id


class Authorisation(Model):
    """One document, signed by `signed_by`, in force from `first_on` to `last_on`, both days included.

    `hall_id` None is every hall, `item_ids` None every item of the department. `kind`: `accept`, or only `receive`.
    `by_department`: entered by the department itself. `state`: `asked` until a second person agrees, then `active`, or
    `refused`; `ended` before its last day.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    department_id = fields.UUIDField()
    hall_id = fields.UUIDField(null=True)
    item_ids: list[str] | None = ArrayField("UUID", null=True)
    kind = fields.TextField()
    number = fields.TextField()
    signed_by = fields.TextField()
    first_on = fields.DateField()
    last_on = fields.DateField()
    state = fields.TextField(default="asked")
    by_department = fields.BooleanField()
    staff_id = fields.UUIDField()
    answered_by = fields.UUIDField(null=True)
    answered_at = fields.DatetimeField(null=True)
    ended_by = fields.UUIDField(null=True)
    ended_at = fields.DatetimeField(null=True)
    reason: str | None = fields.TextField(null=True)

    class Meta:
        table = "authorisation"
