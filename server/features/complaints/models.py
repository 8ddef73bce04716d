"""The table of complaints and the rules of one row."""

from __future__ import annotations

import enum
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, Self
from uuid import UUID

from tortoise import fields
from tortoise.expressions import Q
from tortoise.models import Model

from server.actor import Role
from server.db import Sealed
from server.errors import Conflict
from server.kit import clock
from server.kit.ids import is_walked, new_id

if TYPE_CHECKING:
    from tortoise.queryset import QuerySet

CONSTRAINTS = (
    "complaint_number_key",
    "complaint_kind_check",
    "complaint_state_check",
    "complaint_reason_check",
    "complaint_routed_check",
    "complaint_owner_check",
    "complaint_answer_check",
    "complaint_ended_check",
    "complaint_published_check",
    "complaint_first_check",
    "complaint_order_key",
    "complaint_call_check",
    "complaint_escalations_check",
    "complaint_walked_check",
)


class Kind(enum.StrEnum):
    """咨询, 投诉, 办不成事, 找茬, 纠错."""

    QUESTION = "question"
    GRIEVANCE = "grievance"
    STUCK = "stuck"
    NUISANCE = "nuisance"
    ERRATUM = "erratum"


class Reason(enum.StrEnum):
    """Why something could not be got done: 办不了, 很难办, 不给办 (咸宁, row 146)."""

    IMPOSSIBLE = "impossible"
    HARD = "hard"
    REFUSED = "refused"


class State(enum.StrEnum):
    """Where it stands; see `MOVES` for the ways between. Pressed for, extended and escalated are marks beside it."""

    RECEIVED = "received"
    ROUTED = "routed"
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


_S = State
# The clock of these still runs against the office.
UNANSWERED = (_S.RECEIVED, _S.ROUTED, _S.IN_PROGRESS)
ENDED = (_S.CLOSED, _S.WITHDRAWN)
UNIT = (Role.REVIEWER, Role.HALL_MANAGER, Role.SUPERVISOR)
ROUTERS = (Role.HALL_MANAGER, Role.SUPERVISOR)
# The other two who move it: whoever wrote, and the days running out.
WRITER, TIME = "writer", "time"


class Move(NamedTuple):
    """One deed: where it may begin, where it leads (None: it stays where it is), and whose it is."""

    sources: tuple[State, ...]
    target: State | None
    by: tuple[Role | str, ...]
    own: bool = False  # only of whoever took it (首问负责, row 38)

    @property
    def roles(self) -> tuple[Role, ...]:
        """Give the staff roles among those who may."""
        return tuple(one for one in self.by if isinstance(one, Role))


# Every deed on a complaint (锡林郭勒, row 142: seven links from one entrance to accountability). The rest is refused.
MOVES: dict[str, Move] = {
    "route": Move(UNANSWERED, _S.ROUTED, ROUTERS),
    "take": Move((_S.ROUTED,), _S.IN_PROGRESS, UNIT),
    "hand_over": Move((_S.IN_PROGRESS,), _S.ROUTED, UNIT, own=True),
    "grade": Move((_S.IN_PROGRESS,), None, UNIT, own=True),
    "extend": Move((_S.IN_PROGRESS,), None, UNIT, own=True),
    "answer": Move((_S.IN_PROGRESS,), _S.ANSWERED, UNIT, own=True),
    "urge": Move(UNANSWERED, None, (Role.SUPERVISOR,)),
    "call": Move((*UNANSWERED, _S.ANSWERED), None, UNIT),
    "publish": Move((_S.ANSWERED, _S.CLOSED), None, ROUTERS),
    "unpublish": Move((_S.ANSWERED, _S.CLOSED), None, ROUTERS),
    "hold_to_account": Move((_S.ANSWERED, _S.CLOSED), None, (Role.SUPERVISOR,)),
    "withdraw": Move(UNANSWERED, _S.WITHDRAWN, (WRITER,)),
    "agree": Move((_S.ANSWERED,), _S.CLOSED, (WRITER,)),
    "reopen": Move((_S.ANSWERED,), _S.ROUTED, (WRITER,)),
    "run_out": Move((_S.ANSWERED,), _S.CLOSED, (TIME,)),
    "escalate": Move(UNANSWERED, None, (TIME,)),
}


class Complaint(Model):
    """What somebody wrote to the office. `words` and `answer` are sealed; `nameless` ones are never called.

    `due_on` is the last day of its time, `judge_until` the last day to say what one thinks of the answer.
    `first_…` is what was promised and kept before it was asked once more, and by whom.
    `department_id` and `hall_id` are whom it was routed to; `page` is where on the phone it was written. One that came
    by telephone was `taken_by` an officer; `caller` is whom to call, if they agreed, until some days after it is over,
    `call_print` what a call taken down twice is known by, `order_number` the hotline's own.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    number = fields.TextField()
    kind = fields.CharEnumField(Kind)
    reason = fields.CharEnumField(Reason, null=True)
    state = fields.CharEnumField(State, default=State.RECEIVED)
    account_id = fields.UUIDField(null=True)
    nameless = fields.BooleanField()
    token = fields.TextField()
    item_id = fields.UUIDField(null=True)
    thread_id = fields.UUIDField(null=True)
    hall_id: UUID | None = fields.UUIDField(null=True)
    department_id: UUID | None = fields.UUIDField(null=True)
    page = fields.TextField(default="")
    words_sealed = fields.BinaryField()
    words: Sealed[str] = Sealed("words_sealed")
    owner_id: UUID | None = fields.UUIDField(null=True)
    taken_by: UUID | None = fields.UUIDField(null=True)
    order_number: str | None = fields.TextField(null=True)
    caller_sealed = fields.BinaryField(null=True)
    caller: Sealed[str | None] = Sealed("caller_sealed", nullable=True)
    call_print = fields.BinaryField(null=True)
    due_on = fields.DateField()
    extended_at = fields.DatetimeField(null=True)
    escalated_at: datetime | None = fields.DatetimeField(null=True)
    escalations = fields.SmallIntField(default=0)
    escalate_on: date | None = fields.DateField(null=True)
    reopened_at = fields.DatetimeField(null=True)
    first_due_on = fields.DateField(null=True)
    first_answered_at: datetime | None = fields.DatetimeField(null=True)
    first_department_id: UUID | None = fields.UUIDField(null=True)
    first_hall_id: UUID | None = fields.UUIDField(null=True)
    answer_sealed = fields.BinaryField(null=True)
    answer: Sealed[str | None] = Sealed("answer_sealed", nullable=True)
    answered_at = fields.DatetimeField(null=True)
    answered_by: UUID | None = fields.UUIDField(null=True)
    judge_until = fields.DateField(null=True)
    satisfied = fields.BooleanField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    published_at: datetime | None = fields.DatetimeField(null=True)
    published_by: UUID | None = fields.UUIDField(null=True)
    public_question: str | None = fields.TextField(null=True)
    public_answer: str | None = fields.TextField(null=True)
    accountable_at = fields.DatetimeField(null=True)

    class Meta:
        table = "complaint"

    @classmethod
    def in_reach(cls, halls: tuple[UUID, ...] | None, departments: tuple[UUID, ...] | None) -> QuerySet[Self]:
        """Reach what was routed to these halls or departments (`None`: all, and the unrouted): the door for staff."""
        if halls is None or departments is None:
            return cls.all()
        return cls.filter(Q(hall_id__in=halls) | Q(department_id__in=departments))

    @classmethod
    def of(cls, account_id: UUID) -> QuerySet[Self]:
        """Reach what somebody wrote under their login: the door for citizens."""
        return cls.filter(account_id=account_id)

    def calm(self) -> None:
        """Begin new days: nobody above has been told of them."""
        self.escalated_at, self.escalations, self.escalate_on = None, 0, None

    def take_down(self) -> None:
        """Let nothing of it stand in public."""
        self.published_at = self.published_by = self.public_question = self.public_answer = None

    def light(self, today: date) -> str:
        """Show how the time stands: red once it is over, amber on its last day and the day before."""
        if self.state not in UNANSWERED or today < self.due_on - timedelta(days=1):
            return "green"
        return "red" if today > self.due_on else "amber"

    def allows(self, deed: str) -> bool:
        """Say whether a deed may begin here."""
        if deed == "grade" and self.kind is not Kind.STUCK:
            return False
        if deed == "extend" and self.extended_at is not None:
            return False
        if deed == "publish" and is_walked(self.id):
            return False
        if deed in ("publish", "unpublish") and (self.published_at is None) is (deed == "unpublish"):
            return False
        if deed == "call" and (self.nameless or (self.account_id is None and self.caller_sealed is None)):
            return False
        return self.state in MOVES[deed].sources

    def require(self, deed: str) -> None:
        """Raises Conflict `complaints.moved_on` for a deed that may not begin here."""
        if not self.allows(deed):
            raise Conflict("complaints.moved_on")
