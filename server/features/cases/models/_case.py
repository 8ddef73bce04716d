"""A case and its papers, and the rules of one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Self
from uuid import UUID

from tortoise import fields
from tortoise.expressions import F, Q
from tortoise.models import Model

from server.actor import Actor, Staff
from server.db import Sealed
from server.errors import Conflict
from server.features.cases.models._moves import MOVES, OPEN, TO_DECIDE, CaseState
from server.features.cases.models._visit import LIVE, SiteVisit
from server.features.thread.service import ClockView
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from tortoise.queryset import QuerySet


# Written down by the office: what the applicant said aloud, or on the paper in the envelope.
BY_OFFICE = ("window", "post")


class Right(NamedTuple):
    """Why somebody may: an officer's `own` department, or what it gave to a `hall` or by `delegation`, in writing."""

    power: str
    under: str | None = None
    delegation_id: UUID | None = None


class Case(Model):
    """One application. `form`: answers by field key, `situation`: those that chose the materials. `version` grows.

    `known`: where answers that were filled in come from; `told`: the list that was told when it was handed in.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    updated_at = fields.DatetimeField(default=clock.now)
    thread_id = fields.UUIDField()
    item_id = fields.UUIDField()
    guide_id = fields.UUIDField()
    department_id = fields.UUIDField()
    hall_id = fields.UUIDField(null=True)
    region_code = fields.TextField()
    person_id = fields.UUIDField()
    enterprise_id = fields.UUIDField(null=True)
    account_id = fields.UUIDField(null=True)
    agent_id = fields.UUIDField(null=True)
    authority: str | None = fields.TextField(null=True)
    channel = fields.TextField(default="phone")
    state = fields.CharEnumField(CaseState, default=CaseState.DRAFT)
    form_sealed = fields.BinaryField()
    form: Sealed[dict[str, str]] = Sealed("form_sealed", kind="json")
    situation_sealed = fields.BinaryField(null=True)
    situation: Sealed[dict[str, str] | None] = Sealed("situation_sealed", kind="json", nullable=True)
    known: dict[str, Any] = fields.JSONField(default=dict)
    version = fields.IntField(default=1)
    saved_by = fields.UUIDField(null=True)
    told: dict[str, Any] | None = fields.JSONField(null=True)
    # A theme is a case of its own, `whole`; once handed in it has one of each item (`part`) under it, which
    # its departments have agreed to decide within so many working days.
    whole = fields.BooleanField(default=False)
    parent_id = fields.UUIDField(null=True)
    part: str | None = fields.TextField(null=True)
    agreed_days: int | None = fields.SmallIntField(null=True)
    delivery_sealed = fields.BinaryField(null=True)
    delivery: Sealed[Any] = Sealed("delivery_sealed", kind="json", nullable=True)
    correction_sealed = fields.BinaryField(null=True)
    correction: Sealed[Any] = Sealed("correction_sealed", kind="json", nullable=True)
    proposal_sealed = fields.BinaryField(null=True)
    proposal: Sealed[Any] = Sealed("proposal_sealed", kind="json", nullable=True)
    opinion_sealed = fields.BinaryField(null=True)
    opinion: Sealed[str | None] = Sealed("opinion_sealed", nullable=True)
    submitted_at = fields.DatetimeField(null=True)
    accepted_at = fields.DatetimeField(null=True)
    accepted_by = fields.UUIDField(null=True)
    decided_at = fields.DatetimeField(null=True)
    # Who decided: an officer, or the rules of the guide.
    decided_by = fields.UUIDField(null=True)
    ruling_id = fields.UUIDField(null=True)
    # On leave, and the officer who decided acted for them.
    decided_for = fields.UUIDField(null=True)
    # Under which instrument a chief representative decided.
    decided_under = fields.UUIDField(null=True)
    # Who moved it last and when, for whoever comes too late; nobody of the office, if it was the applicant or time.
    moved_by = fields.UUIDField(null=True)
    moved_at = fields.DatetimeField(null=True)
    # The days of the duty the office has now, as the thread's clock has them; `paused_on` while that stands still.
    promise_on = fields.DateField(null=True)
    law_on = fields.DateField(null=True)
    paused_on = fields.DateField(null=True)
    # Passed on to its department to be accepted there, by a window that may only receive it.
    routed_at = fields.DatetimeField(null=True)
    claimed_by = fields.UUIDField(null=True)
    claimed_at = fields.DatetimeField(null=True)

    # Whom the officer at work acts for, who is on leave: found out with each deed, and not kept.
    acting_for: UUID | None = None
    # By what right the officer at work does what they do, as `_desk.require` has found it; not kept either.
    right: Right | None = None

    class Meta:
        table = "case_record"

    @classmethod
    def of_parties(cls, persons: tuple[UUID, ...], enterprises: tuple[UUID, ...]) -> QuerySet[Self]:
        """Reach these people's own cases and these enterprises': the only door for a citizen.

        A case filed for an enterprise belongs to the enterprise, not to the clerk who filed it.
        """
        return cls.filter(Q(person_id__in=persons, enterprise_id=None) | Q(enterprise_id__in=enterprises))

    @classmethod
    def in_reach(cls, halls: tuple[UUID, ...] | None, departments: tuple[UUID, ...] | None) -> QuerySet[Self]:
        """Reach the cases of these halls and departments (all of them for `None`): the only door for staff.

        What was never handed in is nobody's business, withdrawn or not.
        """
        rows = cls.filter(submitted_at__not_isnull=True)
        if halls is None or departments is None:
            return rows
        return rows.filter(Q(hall_id__in=halls) | Q(department_id__in=departments))

    @property
    def holder_id(self) -> UUID | None:
        """Name the person whose it is: nobody where it is an enterprise's, for whoever applied may have left."""
        return None if self.enterprise_id else self.person_id

    @property
    def prefilled(self) -> list[str]:
        """Name the answers that stand as they were filled in."""
        return sorted(key for key, source in self.known.items() if not source.get("reported"))

    async def keep(self) -> None:
        """Write what was set on the row, which the caller has locked, as its next version."""
        self.version += 1
        self.updated_at = clock.now()
        await self.save(update_fields=["form_sealed", "situation_sealed", "known", "saved_by", "version", "updated_at"])

    def follow(self, running: ClockView) -> None:
        """Take over the days of its clock, so that a work list is ordered by them."""
        self.promise_on, self.law_on, self.paused_on = running.promise_on, running.law_on, running.paused_on

    async def move(self, verb: str, actor: Actor | None = None) -> None:
        """Go one step along `MOVES` with what was set on the row, or refuse with `cases.wrong_state`.

        The caller has read the row under a lock, so that nothing newer is written over; of two who race one is late.
        `actor` is whoever is told to the one who comes too late, if they are of the office.
        """
        sources, target, _ = MOVES[verb]
        self.moved_by = actor.staff_id if isinstance(actor, Staff) else None
        self.moved_at = clock.now()
        if target is not None and target not in TO_DECIDE:
            self.paused_on = self.claimed_by = self.claimed_at = None
        changes = {name: getattr(self, name) for name in _WRITTEN}
        moved = (
            await type(self)
            .filter(id=self.id, state__in=sources)
            .update(**changes, state=target or self.state, version=F("version") + 1, updated_at=clock.now())
        )
        if not moved:
            raise Conflict("cases.wrong_state")
        if target is not None and target not in OPEN:
            # Nobody goes to see what nothing is decided about any more.
            await SiteVisit.filter(case_id=self.id, state__in=LIVE).update(
                state="dropped", ended_by=self.moved_by, ended_at=self.moved_at
            )
        self.state = target or self.state
        self.version += 1


_WRITTEN = (
    "hall_id",
    "form_sealed",
    "known",
    "saved_by",
    "told",
    "delivery_sealed",
    "correction_sealed",
    "proposal_sealed",
    "opinion_sealed",
    "submitted_at",
    "accepted_at",
    "accepted_by",
    "decided_at",
    "decided_by",
    "ruling_id",
    "decided_for",
    "decided_under",
    "promise_on",
    "law_on",
    "paused_on",
    "routed_at",
    "claimed_by",
    "claimed_at",
    "moved_by",
    "moved_at",
)


class Material(Model):
    """What a case really holds for one line of its guide. Several files may stand behind one line, in `place` order."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    case_id = fields.UUIDField()
    rule_key = fields.TextField()
    source = fields.TextField(default="upload")
    file_id = fields.UUIDField(null=True)
    certificate_id = fields.UUIDField(null=True)
    earlier_case_id = fields.UUIDField(null=True)
    place = fields.SmallIntField(default=0)

    class Meta:
        table = "material"


class MaterialCheck(Model):
    """What the front desk found of a line of the guide: `received`, `missing`, or `wrong` and why; the newest word.

    Of what was received: whether its original was seen, and how many copies were taken.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    case_id = fields.UUIDField()
    rule_key = fields.TextField()
    verdict = fields.TextField()
    reason_sealed = fields.BinaryField(null=True)
    reason: Sealed[str | None] = Sealed("reason_sealed", nullable=True)
    original = fields.BooleanField(default=False)
    copies = fields.SmallIntField(default=0)
    staff_id = fields.UUIDField()

    class Meta:
        table = "material_check"


class UnfitPaper(Model):
    """A paper of an earlier matter which an officer has found not to do in this one: it is offered to no other."""

    file_id = fields.UUIDField(primary_key=True)
    case_id = fields.UUIDField()
    staff_id = fields.UUIDField()
    created_at = fields.DatetimeField(default=clock.now)

    class Meta:
        table = "unfit_paper"


class Telling(Model):
    """Everything to mend, told at once: a record that never changes.

    `seen` holds what the office had before it when it told; what lay there and was not named is not asked for later.
    `why` is a superior's reason, without which there is no second round.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    case_id = fields.UUIDField()
    round = fields.SmallIntField()
    guide_id = fields.UUIDField()
    lines_sealed = fields.BinaryField()
    lines: Sealed[Any] = Sealed("lines_sealed", kind="json")
    seen_sealed = fields.BinaryField()
    seen: Sealed[dict[str, str]] = Sealed("seen_sealed", kind="json")
    due_on = fields.DateField()
    staff_id = fields.UUIDField()
    why_sealed = fields.BinaryField(null=True)
    why: Sealed[str | None] = Sealed("why_sealed", nullable=True)

    class Meta:
        table = "telling"
