"""What comes in and what goes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import Meta, Struct

from server.features.catalogue.service import Policy
from server.features.complaints.models import Kind, Reason, State
from server.kit.paging import PageQuery

Token = Annotated[str, Meta(min_length=1, max_length=64)]
Days = Annotated[int, Meta(ge=1, le=60)]
LONGEST_WORDS = 1000
LONGEST_PUBLIC = 500
MOST_PICTURES = 6


class ComplaintPolicy(Policy, frozen=True, kw_only=True):
    """Working days to answer each kind; what could not be got done is first for the same day, then in two grades.

    `extend_days` is what one extension adds. `judge_days`, `escalate_days` (what is late is escalated again after so
    many) and `caller_days` (a caller's number stays so long when it is over) are calendar days.
    """

    kind: ClassVar[str] = "complaints"
    question_days: Days = 2
    grievance_days: Days = 7
    nuisance_days: Days = 5
    erratum_days: Days = 3
    stuck_soon_days: Days = 2
    stuck_most_days: Days = 7
    extend_days: Days = 5
    judge_days: Days = 7
    escalate_days: Days = 3
    caller_days: Annotated[int, Meta(ge=1, le=365)] = 30

    def unfit(self) -> str | None:
        """Name a field that does not go with the others, if there is one."""
        return None if self.stuck_soon_days <= self.stuck_most_days else "stuck_soon_days"


class ComplaintIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody writes. `page` is where they were; `nameless` keeps even a masked name from the office."""

    kind: Kind
    words: Annotated[str, Meta(min_length=1, max_length=LONGEST_WORDS)]
    reason: Reason | None = None
    item_id: UUID | None = None
    thread_id: UUID | None = None
    hall_id: UUID | None = None
    page: Annotated[str, Meta(max_length=200, pattern=r"^[\w/?&=.:-]*$")] = ""
    nameless: bool = False


class Call(Struct, kw_only=True):
    """What an officer takes down from a call. `number` is of the caller's matter, `order_number` the hotline's.

    Without `consent` neither name nor telephone is kept, and nobody calls back. `again`: it is another one, although
    the same number, or the same words, were taken down just now.
    """

    kind: Kind
    words: str
    reason: Reason | None = None
    number: str = ""
    department_id: UUID | None = None
    hall_id: UUID | None = None
    order_number: str = ""
    consent: bool = False
    name: str = ""
    phone: str = ""
    again: bool = False


class CallerOut(Struct, kw_only=True):
    """Who called, as it is kept sealed."""

    name: str
    phone: str


class ComplaintQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """What opens one."""

    token: Token


class ComplaintJudgeIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """Content with the answer, or once more and why."""

    token: Token
    satisfied: bool
    words: Annotated[str, Meta(max_length=LONGEST_WORDS)] = ""


class ComplaintRef(Struct, kw_only=True, forbid_unknown_fields=True):
    """Take it back."""

    token: Token


class ComplaintStep(Struct, kw_only=True):
    """One thing that was done, as whoever wrote may read it."""

    at: datetime
    text: str
    words: str | None = None


class ComplaintOut(Struct, kw_only=True):
    """One, for whoever wrote it."""

    token: str
    number: str
    kind: Kind
    kind_text: str
    state: State
    state_text: str
    title: str
    office: str | None
    words: str
    pictures: list[UUID]
    pictures_left: int
    written_at: datetime
    due_on: date | None
    late: bool
    answer: str | None
    answered_at: datetime | None
    judge_until: date | None
    satisfied: bool | None
    may_reopen: bool
    steps: list[ComplaintStep]
    can: list[str]


class ComplaintLine(Struct, kw_only=True):
    """One on the list of whoever wrote."""

    token: str
    number: str
    kind_text: str
    state_text: str
    title: str
    begun: str
    written_at: datetime
    open: bool


class PublicQuery(PageQuery, kw_only=True, forbid_unknown_fields=True):
    """Beside which guide, and words to find."""

    item_id: UUID | None = None
    q: Annotated[str, Meta(max_length=60)] = ""


class PublicAnswer(Struct, kw_only=True):
    """A question and its answer that stand for everybody, with nobody's name."""

    id: UUID
    kind_text: str
    title: str
    question: str
    answer: str
    answered_on: date


class DeedOut(Struct, kw_only=True):
    """One deed on the desk's list of what was done."""

    at: datetime
    deed: str
    by: str | None
    words: str | None
    flagged: bool


class DeskLine(Struct, kw_only=True):
    """One on the desk's list. Who wrote is not among it; `flagged` words are read by whoever opens them."""

    id: UUID
    number: str
    kind: Kind
    kind_text: str
    reason_text: str | None
    state: State
    state_text: str
    title: str
    office: str | None
    owner: str | None
    own: bool
    words: str
    flagged: bool
    written_on: date
    due_on: date
    days_left: int
    light: str
    escalated: int
    extended: bool
    reopened: bool


class DeskComplaint(Struct, kw_only=True):
    """One at the desk, with what was done and what the officer may do now; `grades` have their working days."""

    line: DeskLine
    page: str
    by_call: bool
    order_number: str | None
    pictures: list[UUID]
    matter: UUID | None
    answer: str | None
    answered_on: date | None
    judge_until: date | None
    satisfied: bool | None
    public: PublicAnswer | None
    own_answer: bool
    accountable: bool
    deeds: list[DeedOut]
    grades: dict[str, int]
    may: list[str]


class CallBack(Struct, kw_only=True):
    """Whom to call: a masked name, and the number."""

    name: str | None
    phone: str
