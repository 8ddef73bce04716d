"""Bulletins, walks and assignments; and what figures rely on, which statements of their own count and read."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from tortoise import fields
from tortoise.expressions import Q
from tortoise.models import Model

from server.actor import Role, Staff
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
    "bulletin_quarter_key",
    "walk_number_key",
    "walk_person_key",
    "walk_step_place_check",
    "walk_step_seconds_check",
    "walk_step_key",
    "assignment_state_check",
    "assignment_answer_check",
    "assignment_closed_check",
    "assignment_two_check",
    "sample_draw_key",
    "sample_draw_wanted_check",
    "sample_draw_population_check",
    "sample_draw_period_check",
    "sample_case_key",
    "sample_case_checked_check",
)


class Bulletin(Model):
    """What was told of a period: figures only, nobody's name. `content` stays as it was; files are drawn of it.

    One that nobody ordered (`staff_id` is none) is that of a quarter, of everything; there is one a quarter.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    staff_id: UUID | None = fields.UUIDField(null=True)
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
        """Reach what somebody ordered."""
        return cls.filter(staff_id=staff_id)

    @classmethod
    def read_by(cls, actor: Staff) -> QuerySet[Self]:
        """Reach what somebody may read: what they ordered, and who supervises those of the quarters, too."""
        own = Q(staff_id=actor.staff_id)
        return cls.filter(own | Q(staff_id=None) if actor.has(Role.SUPERVISOR) else own)


class Walk(Model):
    """A supervisor goes the way of an item as people go it (走流程), a clock beside them.

    `person_id` is the test person they go as, from the first code for a phone on.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    staff_id = fields.UUIDField()
    item_id = fields.UUIDField()
    number: int = fields.IntField()
    person_id: UUID | None = fields.UUIDField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)

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


class SampleDraw(Model):
    """Cases drawn at random (随机抽查): from which, by which seed. The seed is ours, and a draw is made once."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    staff_id: UUID = fields.UUIDField()
    region_code = fields.TextField()
    department_id: UUID | None = fields.UUIDField(null=True)
    hall_id: UUID | None = fields.UUIDField(null=True)
    first_on: date = fields.DateField()
    last_on: date = fields.DateField()
    wanted = fields.SmallIntField()
    population = fields.IntField()
    seed = fields.TextField()

    class Meta:
        table = "sample_draw"

    @classmethod
    def of(cls, staff_id: UUID) -> QuerySet[Self]:
        """Reach one's own draws: the only door."""
        return cls.filter(staff_id=staff_id)


class SampleCase(Model):
    """One case of a draw, and what looking through it found."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    draw_id: UUID = fields.UUIDField()
    place = fields.SmallIntField()
    case_id: UUID = fields.UUIDField()
    thread_id: UUID = fields.UUIDField()
    department_id: UUID = fields.UUIDField()
    hall_id: UUID | None = fields.UUIDField(null=True)
    answers: dict[str, str] | None = fields.JSONField(null=True)
    bad: int | None = fields.SmallIntField(null=True)
    note_sealed = fields.BinaryField(null=True)
    note: Sealed[str | None] = Sealed("note_sealed", nullable=True)
    checked_by: UUID | None = fields.UUIDField(null=True)
    checked_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "sample_case"


class Assignment(Model):
    """What a supervisor asks of a department until a day, its answer, and that the supervisor was content with it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    staff_id = fields.UUIDField()
    department_id = fields.UUIDField()
    walk_id: UUID | None = fields.UUIDField(null=True)
    sample_id: UUID | None = fields.UUIDField(null=True)
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
