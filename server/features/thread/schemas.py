"""What the thread shows: to features above as views, to the phone as structs."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec

from server.actor import Actor
from server.features.thread.models import ClockKind, CodeKind, ThreadState
from server.kit.paging import PageQuery

Value = str | int | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadView:
    """One matter. `status` names its newest public step and `data` is what that step recorded."""

    id: UUID
    number: str
    region_code: str
    item_id: UUID
    title: str
    person_id: UUID | None
    enterprise_id: UUID | None
    account_id: UUID | None
    state: ThreadState
    status: str | None
    data: Mapping[str, Value]
    created_at: datetime
    updated_at: datetime

    @property
    def holder_id(self) -> UUID | None:
        """Name the person whose it is: nobody where it is an enterprise's, for whoever began it may have left."""
        return None if self.enterprise_id else self.person_id


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a timeline. Moments in `data` are ISO texts under names that end in `_at`, days under `_on`.

    `apart`: no desk shows it with the case, only whoever looks after what it is about.
    """

    id: int
    at: datetime
    name: str
    data: Mapping[str, Value] = {}
    actor_kind: str
    actor_id: UUID | None = None
    public: bool = True
    apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a reaction is given: the step just written, its thread, and who did it."""

    thread: ThreadView
    step: StepView
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockView:
    """One clock. `days_left` counts working days to the promise, negative when it has passed; None once stopped.

    While it stands still, `paused_on` is its last day that counted, and `days_left` and the two days are as of then.
    """

    kind: ClockKind
    started_on: date
    promise_on: date
    law_on: date
    state: str
    days_left: int | None
    light: str
    paused_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeView:
    """What a live token stands for."""

    token: str
    kind: CodeKind
    subject_id: UUID
    thread_id: UUID | None
    expires_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackView:
    """What anybody who knows the number and the end of the phone number may see: the steps as their texts tell them."""

    number: str
    title: str
    state: ThreadState
    steps: tuple[StepView, ...]


class ThreadsQuery(PageQuery, kw_only=True):
    """Which of my threads; all when `state` is left out."""

    state: ThreadState | None = None


class Standing(enum.StrEnum):
    """How a matter stands for the person, which is more than whether its thread is open."""

    DRAFT = "draft"
    OPEN = "open"
    VISITED = "visited"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Something begun and not handed in: the step it stands at, in words, and the page on which it goes on."""

    step: str
    page: str


class NextOut(msgspec.Struct, kw_only=True):
    """What the person should do now, and where."""

    text: str
    page: str


class ThreadOut(msgspec.Struct, kw_only=True):
    """One line of my matters. `status` is a text key of the phone; `status_text` is that text, filled.

    `person` is whose matter it is: a masked name, or the enterprise's.
    """

    id: UUID
    number: str
    title: str
    state: ThreadState
    standing: Standing
    standing_text: str
    status: str | None
    status_text: str
    updated_at: datetime
    person: str
    next: NextOut | None
