"""What the desk sends and sees."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from server.features.cases.schemas._applying import CaseOut, ItemRef, Key
from server.features.cases.schemas._batches import PapersAt
from server.features.cases.schemas._following import CommitmentAtDesk, FollowingLine
from server.features.cases.schemas._policies import CorrectionPolicy
from server.features.cases.schemas._post import ParcelOut
from server.features.cases.schemas._ruling import RulingAtDesk
from server.features.cases.schemas._visiting import VisitOut
from server.features.catalogue.service import AgeMark, Pixels


class CheckIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """What was found of one line of the guide. Only what is `wrong` has a reason, and must have one.

    `pledged`: the applicant has signed, on paper that was seen, what the guide lets stand for it. `copies` of what was
    received were taken; of a line the guide asks an original of, that was seen and given back.
    """

    key: Key
    verdict: Literal["received", "missing", "wrong", "pledged"]
    reason: Annotated[str, Meta(max_length=500)] = ""
    copies: Annotated[int, Meta(ge=0, le=20)] = 0


class CheckOut(Struct, kw_only=True):
    """What the front desk last found of one line."""

    verdict: str
    reason: str | None
    original: bool
    copies: int


Authority = Literal["legal_person", "signed_authority", "household_register", "birth_certificate", "ruling"]


class WindowIn(Struct, kw_only=True):
    """Somebody at a window: for which item, in which hall, who applies, in which situation.

    `person_id` applies for themself, or for an enterprise whose matter they bring. `agent_id` is who came instead of
    them. Whoever comes for another shows a paper: `authority`. `parcel_id`: the envelope it came in.
    """

    item_id: UUID
    hall_id: UUID
    person_id: UUID
    situation: dict[str, str]
    enterprise_id: UUID | None = None
    agent_id: UUID | None = None
    authority: Authority | None = None
    parcel_id: UUID | None = None


class PauseIn(Struct, kw_only=True):
    """A lawful stop: which procedure, its basis in law, for how many working days, and how many the law itself gives.

    `seen` is the version of the case the officer looked at.
    """

    kind: str
    basis: str
    days: int
    law_days: int | None = None
    seen: int | None = None


class Proposal(Struct, kw_only=True):
    """A refusal that a window proposes; a superior makes it or sends it back."""

    reason: str
    by: UUID
    at: datetime


class DeskCase(Struct, kw_only=True):
    """One line of the desk's work list. `whole`: a theme, which is accepted as one."""

    id: UUID
    thread_id: UUID
    number: str
    item: ItemRef
    applicant: str
    state: str
    state_text: str
    submitted_at: datetime | None
    promise_on: date | None
    law_on: date | None
    light: str | None
    claimed_by: str | None
    whole: bool


class PauseOut(Struct, kw_only=True):
    """A lawful stop of the clock as the desk shows it; `until_on` once it is over."""

    kind: str
    basis: str
    days: int
    after_on: date
    planned_on: date
    until_on: date | None
    result: str | None


class ExtensionOut(Struct, kw_only=True):
    """The extension that was asked for; `approved_by` once it counts."""

    days: int
    reason: str
    asked_by: str
    approved_by: str | None


class OpinionIn(Struct, kw_only=True):
    """Which department is asked what, for how many working days, and whether there is no grant without its yes."""

    department_id: UUID
    question: str
    days: int
    needed: bool


class TaskOut(Struct, kw_only=True):
    """What a department is asked about a case, and what it answered. `state`: `open`, `answered` or `recalled`."""

    id: UUID
    case_id: UUID
    number: str
    title: str
    department: str
    department_id: UUID
    question: str
    due_on: date
    late: bool
    needed: bool
    state: str
    agrees: bool | None
    answer: str | None
    answered_by: str | None
    early: bool = False


class SpotCheck(Struct, kw_only=True):
    """One pledge on the list of what a department checks. `state`: `to_check` (by `due_on`), `true`, `untrue`."""

    case_id: UUID
    number: str
    item: str
    applicant: str
    paper: str
    state: str
    due_on: date | None
    late: bool
    checked_at: datetime | None


class ToleranceView(Struct, kw_only=True):
    """What may follow and is lacking, or why it may not (`refused`); once accepted so, what is to come by when.

    `by_phone`: a commitment may be sent to the applicant's phone. `lines`: how each paper stands once accepted so.
    """

    keys: list[str]
    refused: str | None
    most_days: int
    due_on: date | None
    open: bool
    by_phone: bool = False
    commitment: CommitmentAtDesk | None = None
    lines: list[FollowingLine] = []


class Review(Struct, kw_only=True):
    """How the review stands: who has it, what stopped its clock and how long it still may, what was asked for."""

    claimed_by: str | None
    claimed_at: datetime | None
    mine: bool
    pauses: list[PauseOut]
    pause_left: int
    extension: ExtensionOut | None
    extension_most: int
    tasks: list[TaskOut]
    department_id: UUID
    stands_in: bool = False
    decided_by: str | None = None
    decided_for: str | None = None
    decided_under: str | None = None


class DeskCaseView(Struct, kw_only=True):
    """A case as the officer must see it: in clear, with what they may do now.

    `power`: they may accept for the department; else what comes in is passed on to it (`routed_at`).
    `unopened`: the required papers sent as files that no officer has opened yet. `other_age`: the applicant's age is
    not the guide's, or not known.
    """

    case: CaseOut
    applicant: str
    document: str
    phone: str | None
    agent: str | None
    agent_phone: str | None
    authority: str | None
    can: list[str]
    standards: dict[str, list[str]]
    pixels: dict[str, Pixels]
    checks: dict[str, CheckOut]
    proposal: Proposal | None
    channel: str
    submitted_at: datetime | None
    review: Review
    power: bool
    routed_at: datetime | None
    tolerance: ToleranceView
    unopened: list[str]
    correction_policy: CorrectionPolicy
    ruling: RulingAtDesk | None
    parcels: list[ParcelOut] = []
    papers: PapersAt | None = None
    visit: VisitOut | None = None
    other_age: AgeMark | None = None
