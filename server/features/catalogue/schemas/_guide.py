"""The guide: what everything else about an item is a projection of."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from server.features.catalogue.schemas._rule_set import RuleSet
from server.features.catalogue.schemas._situation import Ages, Key, Line, Part, PartLine, Short, Situation

Audience = Literal["person", "enterprise"]
Handling = Literal["instant", "promised"]
StepKey = Literal["receive", "accept", "review", "decide", "certify", "deliver"]
PlainType = Literal["text", "long_text", "number", "date", "choice", "address", "phone", "document_number", "name"]
# A person is a name, a document and perhaps a phone; a table has columns.
FieldType = Literal[
    "text", "long_text", "number", "date", "choice", "address", "phone", "document_number", "name", "person", "table"
]
Prefill = Literal[
    "company.address", "company.name", "company.scope", "enterprise.address", "enterprise.floor_area",
    "enterprise.name", "enterprise.uscc", "person.bank", "person.bank_account", "person.birth_date",
    "person.domicile", "person.home", "person.name", "person.number", "person.phone", "property.area",
    "property.location",
]  # fmt: skip

Days = Annotated[int, Meta(ge=0, le=400)]
Visits = Annotated[int, Meta(ge=0, le=2)]
Dots = Annotated[int, Meta(ge=1, le=10_000)]


class Condition(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Asked only when another form field holds a value."""

    field: Key
    equals: str


class GuideStep(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One link of the handling. `days` are working days; together they are the promise."""

    key: StepKey
    name: Short
    who: Short
    days: Days
    what: Line


class Pixels(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """How large a picture must be, in dots, turned upright; the least and the most the same: exactly that."""

    least_width: Dots | None = None
    least_height: Dots | None = None
    most_width: Dots | None = None
    most_height: Dots | None = None


class MaterialRule(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One line of the list of papers. `exempt` names the shared data which stands in for the paper.

    `pledge` is what may be signed instead of handing it in (告知承诺): these words and no others.
    `by_reference`: an approval whose name and number are enough to look it up. `reuse_months`: one of this name that
    an officer has found in order in an earlier matter, not longer ago than that, is not handed in again.
    `pixels`: it is a picture of this size.
    A theme's line `stands_for` lines of its items: one paper, handed in once.
    """

    key: Key
    name: Short
    kind: Literal["certificate", "form", "other"]
    source: Literal["applicant", "government", "other"]
    need: Literal["required", "optional", "deficiency"]
    medium: Literal["electronic", "paper", "either"]
    originals: Annotated[int, Meta(ge=0, le=20)] = 0
    copies: Annotated[int, Meta(ge=0, le=20)] = 0
    exempt: Short | None = None
    certificate_type: Key | None = None
    standards: list[Line] = []
    note: Line | None = None
    pledge: Line | None = None
    by_reference: bool = False
    reuse_months: Annotated[int, Meta(ge=1, le=120)] | None = None
    pixels: Pixels | None = None
    when: Condition | None = None
    stands_for: Annotated[list[PartLine], Meta(max_length=20)] = []


class Meaning(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One entry of the field dictionary: what a question means, whichever guide asks it.

    `registered` is known from the person or the enterprise itself; `certificates` names, by the type's key, the line
    of a certificate that says it. All are known from what was answered before.
    """

    key: Prefill
    type: FieldType
    registered: bool = False
    certificates: dict[Key, Key] = {}


class Choice(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    value: Key
    label: Short
    ages: Ages | None = None


# A day of an answer is held against the day it is given on, in Shanghai.
Bound = Literal["today"]


class Column(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One column of a table that is asked for."""

    key: Key
    label: Short
    type: PlainType
    required: bool
    max_length: Annotated[int, Meta(ge=1, le=500)] | None = None
    choices: list[Choice] = []
    not_before: Bound | None = None
    not_after: Bound | None = None


class FormField(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One question. `prefill` is what it means in the field dictionary; `example` fills the sample form.
    A date is no earlier than `not_before` and no later than `not_after`.

    A theme's question `stands_for` questions of its items: answered once.
    """

    key: Key
    label: Short
    type: FieldType
    required: bool
    max_length: Annotated[int, Meta(ge=1, le=2000)] | None = None
    choices: list[Choice] = []
    columns: list[Column] = []
    rows: Annotated[int, Meta(ge=1, le=50)] | None = None
    not_before: Bound | None = None
    not_after: Bound | None = None
    hint: Line | None = None
    prefill: Prefill | None = None
    when: Condition | None = None
    example: Line | None = None
    stands_for: Annotated[list[PartLine], Meta(max_length=20)] = []


class Fee(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """What it costs, in fen. `when_text` says in which case."""

    name: Short
    amount_fen: Annotated[int, Meta(ge=0, le=100_000_000)]
    unit: Short
    basis: Line
    when_text: Line | None = None


class LegalBasis(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    law: Short
    article: Short
    text: Annotated[str, Meta(min_length=1, max_length=2000)]


class SampleLine(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One entry of a result's sample, and what stands there."""

    entry: Short
    says: Line


class GuideResult(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """What comes out. `sample` is drawn, so that everybody knows it when they see it; a theme's items have theirs."""

    name: Short
    kind: Literal["certificate", "approval", "other"]
    certificate_type: Key | None = None
    validity_months: Annotated[int, Meta(ge=1, le=1200)] | None = None
    sample: Annotated[list[SampleLine], Meta(max_length=20)] = []


class Faq(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    question: Line
    answer: Line


class CancelledProof(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """A proof nobody is asked for any more, and why (证明事项取消): what stands in for it."""

    name: Short
    why: Literal["no_basis", "certificate", "commitment", "shared"]
    instead: Line


class Video(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """The guide as a film; `words` tells those who cannot see or hear it what it says."""

    title: Short
    address: Annotated[str, Meta(max_length=300, pattern=r"^https://[^\s]+$")]
    words: Annotated[str, Meta(min_length=1, max_length=1000)]


class GuideContent(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Everything about an item, once. `legal_days` and `promise_days` are working days; 0 is on the spot.

    With `parts` it is a theme (一件事): several items, one form, one set of materials; its promise is what their
    departments have agreed on, its item's department leads.

    `pre_review`: what is handed in online is looked at first (网上预审); what came through is accepted at the window
    where the originals are seen. With `by_rules` it may be granted without a person. `pay_online` says how what it
    costs is paid without coming.
    """

    sample: bool
    plain: Annotated[str, Meta(min_length=1, max_length=200)]
    audience: Annotated[list[Audience], Meta(min_length=1)]
    themes: list[Key]
    handling: Handling
    visits: Visits
    visit_reason: Line | None = None
    online: bool
    bookable: bool
    mail: bool
    legal_days: Days
    promise_days: Days
    conditions: list[Line]
    ages: Ages | None = None
    steps: list[GuideStep]
    materials: list[MaterialRule]
    form: list[FormField]
    fees: list[Fee]
    pay_online: Line | None = None
    basis: list[LegalBasis]
    result: GuideResult
    skill: Key
    hall_keys: list[Annotated[str, Meta(min_length=1, max_length=60)]]
    consult_phone: Short
    complaint_phone: Short
    hours_text: Short
    faqs: list[Faq]
    situations: list[Situation] = []
    cancelled: list[CancelledProof] = []
    video: Video | None = None
    parts: Annotated[list[Part], Meta(max_length=8)] = []
    pre_review: bool = False
    by_rules: RuleSet | None = None
