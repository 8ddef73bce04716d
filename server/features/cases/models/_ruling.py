"""What the rules of a guide came to for an application (秒批), and the switch that stops them."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from server.db import Sealed
from server.kit import clock
from server.kit.ids import new_id


class Ruling(Model):
    """One look of the rules at one application, as it was handed in.

    `state`: `waiting`; then `granted`, `person` (left to one, `why` says for what reason), or `void` where somebody was
    faster. `lines`: each rule with the fact it rested on. `look`: null, or `to_look` by `look_on`, then `in_order` or
    `wrong`, with what was `found`.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    case_id = fields.UUIDField()
    guide_id = fields.UUIDField()
    item_id = fields.UUIDField()
    department_id = fields.UUIDField()
    state = fields.TextField(default="waiting")
    why: str | None = fields.TextField(null=True)
    attempts = fields.SmallIntField(default=0)
    leased_until = fields.DatetimeField(null=True)
    lines_sealed = fields.BinaryField(null=True)
    lines: Sealed[list[dict[str, object]] | None] = Sealed("lines_sealed", kind="json", nullable=True)
    ended_at = fields.DatetimeField(null=True)
    look: str | None = fields.TextField(null=True)
    look_on = fields.DateField(null=True)
    looked_by = fields.UUIDField(null=True)
    looked_at = fields.DatetimeField(null=True)
    found_sealed = fields.BinaryField(null=True)
    found: Sealed[str | None] = Sealed("found_sealed", nullable=True)

    class Meta:
        table = "ruling"


class RulingSwitch(Model):
    """Whether the rules of an item run; without a row they do. `staff_id` is empty where a wrong grant stopped them."""

    item_id = fields.UUIDField(primary_key=True)
    created_at = fields.DatetimeField(default=clock.now)
    running = fields.BooleanField()
    reason = fields.TextField()
    staff_id = fields.UUIDField(null=True)

    class Meta:
        table = "ruling_switch"
