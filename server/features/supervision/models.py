"""The bulletin, and what figures rely on; those are counted and read by statements of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from tortoise.queryset import QuerySet

CONSTRAINTS = (
    "figure_key",
    "figure_month_check",
    "figure_part_check",
    "bulletin_state_check",
    "bulletin_drawn_check",
    "bulletin_lease_check",
    "bulletin_done_check",
)


class Bulletin(Model):
    """What was told of a period: figures only, nobody's name. `content` stays as it was; files are drawn of it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    staff_id = fields.UUIDField()
    period = fields.TextField()
    scope = fields.TextField()
    content: Any = fields.JSONField()
    sections = fields.SmallIntField()
    state = fields.TextField(default="waiting")
    drawn = fields.SmallIntField(default=0)
    attempt = fields.SmallIntField(default=0)
    lease_until = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    pdf = fields.BinaryField(null=True)
    xlsx = fields.BinaryField(null=True)

    class Meta:
        table = "bulletin"

    @classmethod
    def of(cls, staff_id: UUID) -> QuerySet[Self]:
        """Reach what somebody ordered: the only door."""
        return cls.filter(staff_id=staff_id)
