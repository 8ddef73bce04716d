"""Tables of ratings and the rules of one row."""

from __future__ import annotations

import enum
from datetime import date, timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from tortoise import fields
from tortoise.expressions import Q
from tortoise.models import Model

from server.db import Sealed
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from tortoise.queryset import QuerySet

CONSTRAINTS = (
    "rating_subject_check",
    "rating_token_key",
    "rating_state_check",
    "rating_level_check",
    "rating_subject_key",
    "rating_given_check",
    "rectification_rating_key",
    "rectification_state_check",
    "rectification_due_check",
)


class Level(enum.StrEnum):
    """Five levels by name: two national standards number them in opposite ways, so no number is stored."""

    VERY_SATISFIED = "very_satisfied"
    SATISFIED = "satisfied"
    FAIRLY_SATISFIED = "fairly_satisfied"
    DISSATISFIED = "dissatisfied"
    VERY_DISSATISFIED = "very_dissatisfied"

    @property
    def stars(self) -> int:
        """Count stars: 5 is the best, as the national rating system counts."""
        return 5 - list(Level).index(self)

    @property
    def bad(self) -> bool:
        """Say whether it starts a rectification: the lowest two do."""
        return self in (Level.DISSATISFIED, Level.VERY_DISSATISFIED)


class RatingState(enum.StrEnum):
    """An open rating waits; nothing is ever filled in by default."""

    OPEN = "open"
    GIVEN = "given"
    PUBLISHED = "published"
    EXCLUDED = "excluded"


class Rating(Model):
    """The one rating of a visit or a case. `words` are sealed; the officer reads them without knowing who wrote."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    thread_id = fields.UUIDField()
    subject_kind = fields.TextField()
    subject_id = fields.UUIDField()
    department_id = fields.UUIDField()
    token = fields.TextField()
    state = fields.CharEnumField(RatingState, default=RatingState.OPEN)
    level = fields.CharEnumField(Level, null=True)
    tags: list[str] = fields.JSONField(default=list)
    words_sealed = fields.BinaryField(null=True)
    words: Sealed[str | None] = Sealed("words_sealed", nullable=True)
    account_id = fields.UUIDField(null=True)
    given_at = fields.DatetimeField(null=True)

    class Meta:
        table = "rating"


class Rectification(Model):
    """What a bad rating obliges a department to. `due_on` counts calendar days, as 咸宁 art. 36(3) says 日."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    rating_id = fields.UUIDField()
    thread_id = fields.UUIDField()
    department_id = fields.UUIDField()
    state = fields.TextField(default="assigned")
    started_on = fields.DateField()
    due_on = fields.DateField()
    hall_id = fields.UUIDField(null=True)

    class Meta:
        table = "rectification"

    @classmethod
    def in_reach(cls, halls: tuple[UUID, ...] | None, departments: tuple[UUID, ...] | None) -> QuerySet[Self]:
        """Reach what happened in these halls or concerns these departments (`None`: all): the only door for staff."""
        if halls is None or departments is None:
            return cls.all()
        return cls.filter(Q(hall_id__in=halls) | Q(department_id__in=departments))

    def light(self, today: date) -> str:
        """Show green, amber in the last two days (from day 5 of 7), red once late."""
        if today > self.due_on:
            return "red"
        return "amber" if today >= self.due_on - timedelta(days=2) else "green"
