"""Rows of the thread, and who may see one."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from tortoise import Model, fields
from tortoise.expressions import Q

from server.kit.ids import new_id

if TYPE_CHECKING:
    from tortoise.queryset import QuerySet


CONSTRAINTS = (
    "thread_number_key",
    "thread_live_key",
    "thread_party_check",
    "thread_walked_check",
    "thread_state_check",
    "step_actor_check",
    "clock_running_key",
    "clock_promise_check",
    "clock_stop_check",
    "clock_pause_check",
    "code_token_check",
)


class Parties(Protocol):
    """Whose rows somebody may see; identity gives it."""

    @property
    def person_ids(self) -> tuple[UUID, ...]:
        """Themselves and whom they act for."""

    @property
    def enterprise_ids(self) -> tuple[UUID, ...]:
        """Enterprises they are an active member of."""


class ThreadState(enum.StrEnum):
    """A closed thread still shows; only ratings are added to it."""

    OPEN = "open"
    CLOSED = "closed"


class ClockKind(enum.StrEnum):
    """What the law gives days for: telling what is missing, deciding, handing over."""

    RECEIVE = "receive"
    DECIDE = "decide"
    DELIVER = "deliver"


class ClockState(enum.StrEnum):
    """A paused clock has a lawful reason and a written notice."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


class CodeKind(enum.StrEnum):
    """What a QR token opens. A token of one kind opens nothing of another."""

    HALL = "hall"
    DOOR = "door"
    TICKET = "ticket"
    WINDOW = "window"
    BOOKING = "booking"
    PICKUP = "pickup"
    CERTIFICATE = "certificate"
    NOTICE = "notice"
    RATING = "rating"
    PLACE = "place"
    COMPLAINT = "complaint"
    WALK = "walk"


class Thread(Model):
    """One matter of one person or enterprise. `status` is the name of its newest public step.

    One of several that were begun as one has that as its `parent_id`.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField()
    number: str = fields.TextField()
    region_code: str = fields.TextField()
    item_id: UUID = fields.UUIDField()
    title: str = fields.TextField()
    person_id: UUID | None = fields.UUIDField(null=True)
    enterprise_id: UUID | None = fields.UUIDField(null=True)
    account_id: UUID | None = fields.UUIDField(null=True)
    tail_index: bytes | None = fields.BinaryField(null=True)
    state = fields.CharEnumField(ThreadState)
    status: str | None = fields.TextField(null=True)
    status_data: dict[str, Any] = fields.JSONField()
    updated_at: datetime = fields.DatetimeField()
    parent_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        """Mapping only."""

        table = "thread"

    @classmethod
    def visible_to(cls, parties: Parties) -> QuerySet[Thread]:
        """Reach the threads of these persons (their own ones, not those they run for an enterprise) and enterprises."""
        own = Q(person_id__in=parties.person_ids, enterprise_id__isnull=True)
        return cls.filter(Q(own, Q(enterprise_id__in=parties.enterprise_ids), join_type="OR"))

    @staticmethod
    def older_than(created_at: datetime, id: UUID) -> Q:
        """Follow a cursor of the list, newest first."""
        same = Q(created_at=created_at, id__lt=id)
        return Q(Q(created_at__lt=created_at), same, join_type="OR")


class Clock(Model):
    """Days given for one duty. Amber after `promise_on`, red after `law_on`."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField()
    thread_id: UUID = fields.UUIDField()
    kind = fields.CharEnumField(ClockKind)
    started_on: date = fields.DateField()
    promise_on: date = fields.DateField()
    law_on: date = fields.DateField()
    state = fields.CharEnumField(ClockState)
    stopped_on: date | None = fields.DateField(null=True)
    paused_on: date | None = fields.DateField(null=True)

    class Meta:
        """Mapping only."""

        table = "clock"

    def light(self, today: date) -> str:
        """Say how late it is: green, amber past the promise, red past the law; black while it lawfully stands still.

        A stopped clock keeps its last light.
        """
        if self.state is ClockState.PAUSED:
            return "black"
        day = self.stopped_on or today
        if day > self.law_on:
            return "red"
        return "amber" if day > self.promise_on else "green"
