"""Tables of ratings and the rules of one row."""

from __future__ import annotations

import enum
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, Self
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.expressions import Q
from tortoise.models import Model

from server.actor import Role
from server.db import Sealed
from server.errors import Conflict
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from tortoise.queryset import QuerySet

CONSTRAINTS = (
    *(f"rating_{one}_check" for one in ("subject", "state", "level", "given", "enterprise", "channel", "caller")),
    *(f"rating_{one}" for one in ("place_check", "secret_check", "token_key", "subject_key", "burst_looked_check")),
    *(f"rectification_{one}_check" for one in ("escalations", "state", "due", "answer", "closed")),
    "rectification_rating_key", "rating_exclusion_open_key", "rating_exclusion_two_check",
    *(f"rating_text_{rule}" for rule in ("rating_key", "state_check", "phone_check", "ended_check")),
    *(f"poster_order_{one}_check" for one in ("places", "drawn", "lease", "done")),
)  # fmt: skip


class Standard(enum.StrEnum):
    """Who numbers the levels how: the national platform by stars, 5 the best; GB/T 39735 by rank, 1 the best."""

    PLATFORM = "platform"
    GB_T_39735 = "gb_t_39735"


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
        return self.number(Standard.PLATFORM)

    def number(self, standard: Standard) -> int:
        """Give the number for somebody outside who counts so."""
        rank = list(Level).index(self) + 1
        return rank if standard is Standard.GB_T_39735 else 6 - rank

    @classmethod
    def of_number(cls, number: int, standard: Standard) -> Level:
        """Read the number of somebody outside. Raises ValueError for none of five."""
        for one in cls:
            if one.number(standard) == number:
                return one
        raise ValueError(number)

    @property
    def bad(self) -> bool:
        """Say whether it starts a rectification: the lowest two do."""
        return self in (Level.DISSATISFIED, Level.VERY_DISSATISFIED)


class Channel(enum.StrEnum):
    """How it was given (GB/T 39046's seven, by name): a browser, the phone, a scanned QR, machines, a call, an SMS."""

    WEB = "web"
    MOBILE = "mobile"
    CODE = "code"
    TABLET = "tablet"
    KIOSK = "kiosk"
    PHONE = "phone"
    SMS = "sms"


class RatingState(enum.StrEnum):
    """An open rating waits; nothing is ever filled in by default."""

    OPEN = "open"
    GIVEN = "given"
    PUBLISHED = "published"
    EXCLUDED = "excluded"


class Rating(Model):
    """The one rating of a visit or a case. `words` are sealed; the officer reads them without knowing who wrote.

    A visit without a phone has no matter (`thread_id`), and without an item no department: its hall answers for it.
    `served_by` is whose work it was, `taken_by` who took it down from a call, `caller` who called and for whom; by
    `secret` whoever gave it without a login is known again; `enterprise_id` is in whose name it was given.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    thread_id: UUID | None = fields.UUIDField(null=True)
    subject_kind = fields.TextField()
    subject_id = fields.UUIDField()
    department_id: UUID | None = fields.UUIDField(null=True)
    item_id: UUID | None = fields.UUIDField(null=True)
    hall_id: UUID | None = fields.UUIDField(null=True)
    window_id: UUID | None = fields.UUIDField(null=True)
    served_by: UUID | None = fields.UUIDField(null=True)
    token = fields.TextField()
    state = fields.CharEnumField(RatingState, default=RatingState.OPEN)
    level = fields.CharEnumField(Level, null=True)
    tags: list[str] = fields.JSONField(default=list)
    words_sealed = fields.BinaryField(null=True)
    words: Sealed[str | None] = Sealed("words_sealed", nullable=True)
    account_id = fields.UUIDField(null=True)
    enterprise_id: UUID | None = fields.UUIDField(null=True)
    secret = fields.BinaryField(null=True)
    given_at = fields.DatetimeField(null=True)
    channel = fields.CharEnumField(Channel, null=True)
    taken_by: UUID | None = fields.UUIDField(null=True)
    caller_sealed = fields.BinaryField(null=True)
    caller: Sealed[str | None] = Sealed("caller_sealed", nullable=True)
    source = fields.BinaryField(null=True)
    from_staff = fields.BooleanField(default=False)
    burst_id: UUID | None = fields.UUIDField(null=True)
    words_held = fields.BooleanField(default=False)
    words_looked_by: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "rating"

    @classmethod
    def in_reach(cls, halls: tuple[UUID, ...] | None, departments: tuple[UUID, ...] | None) -> QuerySet[Self]:
        """Reach what was given in these halls or of these departments (`None`: all): the only door for staff."""
        if halls is None or departments is None:
            return cls.all()
        return cls.filter(Q(hall_id__in=halls) | Q(department_id__in=departments))


class RectificationState(enum.StrEnum):
    """Where the work a bad rating starts stands; see `MOVES` for the ways between."""

    ASSIGNED = "assigned"
    VERIFIED = "verified"
    RECTIFIED = "rectified"
    ANSWERED = "answered"
    REOPENED = "reopened"
    CLOSED = "closed"
    EXCLUDED = "excluded"


_S = RectificationState
# The clock of these still runs against the department.
UNANSWERED = (_S.ASSIGNED, _S.VERIFIED, _S.RECTIFIED, _S.REOPENED)
OPEN = (*UNANSWERED, _S.ANSWERED)
UNIT = (Role.REVIEWER, Role.HALL_MANAGER)
LOOKERS = (*UNIT, Role.SUPERVISOR)  # at the pictures
VERIFIERS = (Role.HALL_MANAGER, Role.SUPERVISOR)
# The other two who move it: whoever rated, and the days running out.
RATER, TIME = "rater", "time"


class Move(NamedTuple):
    """One deed: where it may begin, where it leads (None: it stays where it is), and whose it is."""

    sources: tuple[RectificationState, ...]
    target: RectificationState | None
    by: tuple[Role | str, ...]

    @property
    def roles(self) -> tuple[Role, ...]:
        """Give the staff roles among those who may."""
        return tuple(one for one in self.by if isinstance(one, Role))


# Every deed on a rectification (notices: 咸宁 art. 36(3), rows 137 and 138). What is not here is refused.
MOVES: dict[str, Move] = {
    "verify": Move((_S.ASSIGNED, _S.REOPENED), _S.VERIFIED, UNIT),
    "rectify": Move((_S.VERIFIED,), _S.RECTIFIED, UNIT),
    # What was unfounded has nothing to be rectified: it is explained.
    "answer": Move((_S.VERIFIED, _S.RECTIFIED), _S.ANSWERED, UNIT),
    "call_back": Move(OPEN, None, VERIFIERS),
    "urge": Move(UNANSWERED, None, (Role.SUPERVISOR,)),
    "ask_exclusion": Move(OPEN, None, UNIT),
    "exclude": Move(OPEN, _S.EXCLUDED, (Role.SUPERVISOR,)),
    "keep": Move(OPEN, None, (Role.SUPERVISOR,)),
    "agree": Move((_S.ANSWERED,), _S.CLOSED, (RATER,)),
    "reopen": Move((_S.ANSWERED,), _S.REOPENED, (RATER,)),
    "run_out": Move((_S.ANSWERED,), _S.CLOSED, (TIME,)),
    "escalate": Move(UNANSWERED, None, (TIME,)),
}


class Rectification(Model):
    """What a bad rating obliges a department to, until whoever rated has an answer.

    `red_on` is the first day it shows red, `due_on` the last day of its time; `call_back_on` the last day to call
    whoever rated under their name, `judge_until` the last day they may say what they think of the answer. It was put
    before those above `escalations` times in this round, next on `escalate_on`.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    rating_id = fields.UUIDField()
    thread_id: UUID | None = fields.UUIDField(null=True)
    department_id: UUID | None = fields.UUIDField(null=True)
    state = fields.CharEnumField(RectificationState, default=RectificationState.ASSIGNED)
    started_on = fields.DateField()
    red_on = fields.DateField()
    due_on = fields.DateField()
    call_back_on: date | None = fields.DateField(null=True)
    called_back_at = fields.DatetimeField(null=True)
    founded = fields.BooleanField(null=True)
    answer_sealed = fields.BinaryField(null=True)
    answer: Sealed[str | None] = Sealed("answer_sealed", nullable=True)
    answered_at = fields.DatetimeField(null=True)
    judge_until = fields.DateField(null=True)
    reopened_at = fields.DatetimeField(null=True)
    escalated_at: datetime | None = fields.DatetimeField(null=True)
    escalations = fields.SmallIntField(default=0)
    escalate_on: date | None = fields.DateField(null=True)
    closed_at = fields.DatetimeField(null=True)
    satisfied = fields.BooleanField(null=True)
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
        """Show how the time stands: red from `red_on`, amber two days before; green again once it is answered.

        Red also while a call that was owed has not been made; amber on the last day for it.
        """
        if self.state not in UNANSWERED:
            return "green"
        if today >= self.red_on or self.call_missed(today):
            return "red"
        return "amber" if today >= self.red_on - timedelta(days=2) or self.call_missed(today, by=0) else "green"

    def call_missed(self, today: date, *, by: int = 1) -> bool:
        """Say whether whoever rated should have been called so many days ago, and has not been."""
        if self.call_back_on is None or self.called_back_at is not None:
            return False
        return today >= self.call_back_on + timedelta(days=by)

    def allows(self, deed: str) -> bool:
        """Say whether a deed may begin here: only what was founded is rectified, and answered after that."""
        if self.state is _S.VERIFIED and deed in ("rectify", "answer"):
            return self.founded is (deed == "rectify")
        return self.state in MOVES[deed].sources

    def require(self, deed: str) -> None:
        """Raises Conflict `ratings.moved_on` for a deed that may not begin here."""
        if not self.allows(deed):
            raise Conflict("ratings.moved_on")


class Sheet(enum.StrEnum):
    """What is printed: a wall's poster for a hall, a window's, or small cards to stand on its counter."""

    HALL = "hall"
    WINDOW = "window"
    COUNTER = "counter"


class PosterOrder(Model):
    """Posters of `places` as one PDF, drawn by a worker under a lease; `drawn` says how far. No `hall_id`: of all."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    staff_id = fields.UUIDField()
    hall_id: UUID | None = fields.UUIDField(null=True)
    sheet = fields.CharEnumField(Sheet)
    base = fields.TextField()
    places: list[UUID] = ArrayField("UUID")
    state = fields.TextField(default="waiting")
    drawn = fields.IntField(default=0)
    attempt = fields.SmallIntField(default=0)
    lease_until = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    pdf = fields.BinaryField(null=True)

    class Meta:
        table = "poster_order"

    @classmethod
    def in_reach(cls, staff_id: UUID, halls: tuple[UUID, ...] | None) -> QuerySet[Self]:
        """Reach what somebody has ordered, and what was ordered for these halls (`None`: all): the door for staff."""
        return cls.all() if halls is None else cls.filter(Q(staff_id=staff_id) | Q(hall_id__in=halls))
