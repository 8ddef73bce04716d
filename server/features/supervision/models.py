"""Bulletins, walks and assignments; and what figures rely on, which statements of their own count and read."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from server.db import Sealed
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
    "walk_step_place_check",
    "walk_step_seconds_check",
    "walk_step_key",
    "assignment_state_check",
    "assignment_answer_check",
    "assignment_closed_check",
    "assignment_two_check",
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


class Walk(Model):
    """A supervisor goes the way of an item as people go it (走流程), a clock beside them."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    staff_id = fields.UUIDField()
    item_id = fields.UUIDField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "walk"

    @classmethod
    def of(cls, staff_id: UUID) -> QuerySet[Self]:
        """Reach one's own walks: the only door."""
        return cls.filter(staff_id=staff_id)


class WalkStep(Model):
    """One step of a walk that is behind: how long it took, and what was noted."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    walk_id = fields.UUIDField()
    place = fields.SmallIntField()
    seconds = fields.IntField()
    note_sealed = fields.BinaryField(null=True)
    note: Sealed[str | None] = Sealed("note_sealed", nullable=True)

    class Meta:
        table = "walk_step"


class Assignment(Model):
    """What a supervisor asks of a department until a day, its answer, and that the supervisor was content with it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    staff_id = fields.UUIDField()
    department_id = fields.UUIDField()
    walk_id: UUID | None = fields.UUIDField(null=True)
    words_sealed = fields.BinaryField()
    words: Sealed[str] = Sealed("words_sealed")
    due_on: date = fields.DateField()
    state = fields.TextField(default="open")
    answer_sealed = fields.BinaryField(null=True)
    answer: Sealed[str | None] = Sealed("answer_sealed", nullable=True)
    answered_by: UUID | None = fields.UUIDField(null=True)
    answered_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "assignment"

    @classmethod
    def in_reach(cls, departments: tuple[UUID, ...] | None) -> QuerySet[Self]:
        """Reach what is asked of these departments (`None`: all): the only door."""
        return cls.all() if departments is None else cls.filter(department_id__in=departments)
