"""What comes in and what goes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from server.features.cases.schemas._following import Following, Originals
from server.features.cases.schemas._ruling import RulingOut
from server.features.cases.schemas._wishing import DeliveryIn, DeliveryWish
from server.features.catalogue.service import Ages, FormField, MaterialRule, Part
from server.features.documents.service import FileOut
from server.features.push import service as push

Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Answer = Annotated[str, Meta(max_length=8000)]
Words = Annotated[str, Meta(min_length=1, max_length=500)]


class Source(Struct, kw_only=True):
    """From where an answer was filled in. `name` is the certificate's or the earlier application's, and `on` its day.

    `of` is the department that answers for it; `reported` once the applicant has said that it is wrong.
    """

    kind: Literal["register", "certificate", "case"]
    name: str | None = None
    on: date | None = None
    of: UUID | None = None
    reported: bool = False


class ReportIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """An answer that was filled in is wrong (信息有误): what is right, and why, if there is anything to say."""

    key: Key
    right: Annotated[str, Meta(min_length=1, max_length=8000)]
    words: Annotated[str, Meta(max_length=500)] = ""
    version: Annotated[int, Meta(ge=1)]


class ReportOut(Struct, kw_only=True):
    """One report at the desk: what was filled in from where, what the applicant says is right, and the answer."""

    id: UUID
    case_id: UUID
    at: datetime
    number: str
    applicant: str
    label: str
    source: str
    source_name: str | None
    held: str
    right: str
    words: str | None
    state: str
    answer: str | None
    answered_at: datetime | None


class ReportAnswer(Struct, kw_only=True):
    """What came of one report: `open`, `corrected` at the source, or `kept` as it was, and why."""

    label: str
    state: str
    answer: str | None


class StartIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """For which item, for whom (oneself, if nobody is named), and in which situation: answers by question."""

    item_id: UUID
    for_person_id: UUID | None = None
    enterprise_id: UUID | None = None
    situation: Annotated[dict[Key, Key], Meta(max_length=40)] = {}


class MaterialIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """One uploaded file for one line of the guide."""

    key: Key
    file_id: UUID


class ReferenceIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """An approval by its name and number, for one line of the guide; a draft may hold half of it."""

    key: Key
    name: Annotated[str, Meta(max_length=100)]
    number: Annotated[str, Meta(max_length=100)]


class DraftIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """What has been typed so far. `version` is the one this device last saw.

    `pledges` names the lines for which the applicant signs instead of handing a proof in.
    """

    form: Annotated[dict[Key, Answer], Meta(max_length=100)]
    materials: Annotated[list[MaterialIn], Meta(max_length=100)]
    version: Annotated[int, Meta(ge=1)]
    pledges: Annotated[list[Key], Meta(max_length=100)] = []
    references: Annotated[list[ReferenceIn], Meta(max_length=100)] = []


class SubmitIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """The finished application: with it what `pledges` names is signed."""

    form: Annotated[dict[Key, Answer], Meta(max_length=100)]
    materials: Annotated[list[MaterialIn], Meta(max_length=100)]
    version: Annotated[int, Meta(ge=1)]
    delivery: DeliveryIn
    pledges: Annotated[list[Key], Meta(max_length=100)] = []
    references: Annotated[list[ReferenceIn], Meta(max_length=100)] = []
    subscriptions: push.Subscriptions | None = None


class CorrectionLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """One thing to mend, tied to a line of the guide or a field of its form: nothing else can be asked for."""

    key: Key
    reason: Words


class SendIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """Papers that were to follow: at least one file; several may stand behind one line."""

    materials: Annotated[list[MaterialIn], Meta(min_length=1, max_length=100)]


class UnsentIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """Papers that were to follow, chosen and not sent: exactly these, or none any more."""

    materials: Annotated[list[MaterialIn], Meta(max_length=100)] = []


class ItemRef(Struct, kw_only=True):
    """Which item the case is about."""

    id: UUID
    name: str


class ReferenceOut(Struct, kw_only=True):
    """An approval as it was named. `verdict` is `found` or `not_found` once an officer has looked it up."""

    name: str
    number: str
    verdict: str | None
    words: str | None
    looked_by: str | None
    looked_at: datetime | None


class EarlierOut(Struct, kw_only=True):
    """The earlier matter whose paper stands here; `number` and `item` for whoever may see that matter."""

    on: date
    number: str | None = None
    item: str | None = None


class MaterialOut(Struct, kw_only=True):
    """One line of the guide and what the case holds for it. `exempt` names the source that stands in for the paper.

    `source` says where it comes from: `shared`, `certificate` (one the applicant holds here), `earlier_case` (which
    one, says `earlier`), `upload`, `window` (a paper taken in there), `pledge` (a written one stands for it), or
    `reference` (its name and number).
    """

    key: str
    name: str
    need: str
    exempt: str | None
    source: str | None
    files: list[FileOut]
    refused_reason: str | None
    reference: ReferenceOut | None = None
    earlier: EarlierOut | None = None


class PledgeOut(Struct, kw_only=True):
    """What was pledged to in place of a proof, and what came of it; `key` and `name` are its line of the guide.

    `state`: `signed`, `to_check` until `due_on`, then `true` or `untrue` with what was `found`. `barred_until`: the
    applicant may not pledge again before that day is over.
    """

    key: str
    name: str
    words: str
    signed_at: datetime
    at_window: bool
    state: str
    due_on: date | None
    found: str | None
    barred_until: date | None


class Correction(Struct, kw_only=True):
    """Everything to mend, told at once, and by when; after that day the application ends."""

    lines: list[CorrectionLine]
    asked_at: datetime
    due_on: date | None = None


class Decision(Struct, kw_only=True):
    """How it ended. `remedies` says what can be done against a refusal."""

    granted: bool
    reason: str | None
    remedies: str | None
    decided_at: datetime


class PartOut(Struct, kw_only=True):
    """The case of one item of a theme: where it stands, by when it is decided, by when something must be mended."""

    id: UUID
    thread_id: UUID
    number: str
    name: str
    department: str
    state: str
    state_text: str
    promise_on: date | None
    light: str | None
    mend_by: date | None


class WholeOut(Struct, kw_only=True):
    """The theme a case belongs to, with how its items stand; `nudged_at` is when this one was last asked to get on."""

    id: UUID
    thread_id: UUID
    number: str
    name: str
    parts: list[PartOut]
    nudged_at: datetime | None


class CaseContent(Struct, kw_only=True):
    """What the case's guide version asks for and of whom; a theme's says which items are handed in."""

    ages: Ages | None
    form: list[FormField]
    materials: list[MaterialRule]
    parts: list[Part] = []


class CaseOut(Struct, kw_only=True):
    """The whole case screen. `parts` are the cases a theme became, `whole` the theme a case belongs to.

    `told` is the list of what was told; `can` the deeds allowed now; `ruling` what the guide's rules came to.

    `known` says where answers come from that were filled in; `prefilled` are those still as they came. `saved_by` is
    who last saved the draft, masked, if it was not whoever looks. `age` is the applicant's, in whole years, where the
    document says it and no enterprise applies: a guide's ages are held against it. `barred_until`: no
    pledges before that day is over. `originals`: what the pre-review (网上预审) leaves to be shown at a window.
    """

    id: UUID
    thread_id: UUID
    number: str
    item: ItemRef
    guide_id: UUID
    guide_version: int
    content: CaseContent
    person: str
    age: int | None
    enterprise: str | None
    state: str
    state_text: str
    form: dict[str, str]
    prefilled: list[str]
    known: dict[str, Source]
    reports: list[ReportAnswer]
    materials: list[MaterialOut]
    pledges: list[PledgeOut]
    barred_until: date | None
    version: int
    saved_at: datetime
    saved_by: str | None
    told: list[str]
    delivery: DeliveryWish | None
    delivery_methods: list[str]
    correction: Correction | None
    following: Following | None
    originals: Originals | None
    decision: Decision | None
    promise_on: date | None
    can: list[str]
    ask: list[str]
    parts: list[PartOut]
    whole: WholeOut | None
    ruling: RulingOut | None = None
