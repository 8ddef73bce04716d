"""Shapes of the catalogue: the guide, which everything else is a projection of, and what the wire carries."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from server.kit.paging import PageQuery

Audience = Literal["person", "enterprise"]
Handling = Literal["instant", "promised"]
StepKey = Literal["receive", "accept", "review", "decide", "certify", "deliver"]
FieldType = Literal["text", "long_text", "number", "date", "choice", "address", "phone", "document_number", "name"]
Prefill = Literal[
    "person.name", "person.number", "person.phone", "person.birth_date", "enterprise.name", "enterprise.uscc"
]

Short = Annotated[str, Meta(min_length=1, max_length=100)]
Line = Annotated[str, Meta(min_length=1, max_length=500)]
Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Days = Annotated[int, Meta(ge=0, le=400)]
Visits = Annotated[int, Meta(ge=0, le=2)]


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


class MaterialRule(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One line of the list of papers. `exempt` names the shared data which stands in for the paper."""

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
    when: Condition | None = None


class Choice(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    value: Key
    label: Short


class FormField(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One question. `prefill` says from whom the answer is already known."""

    key: Key
    label: Short
    type: FieldType
    required: bool
    max_length: Annotated[int, Meta(ge=1, le=2000)] | None = None
    choices: list[Choice] = []
    hint: Line | None = None
    prefill: Prefill | None = None
    when: Condition | None = None


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


class GuideResult(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    name: Short
    kind: Literal["certificate", "approval", "other"]
    certificate_type: Key | None = None
    validity_months: Annotated[int, Meta(ge=1, le=1200)] | None = None


class Faq(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    question: Line
    answer: Line


class GuideContent(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Everything about an item, once. `legal_days` and `promise_days` are working days; 0 is on the spot."""

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
    steps: list[GuideStep]
    materials: list[MaterialRule]
    form: list[FormField]
    fees: list[Fee]
    basis: list[LegalBasis]
    result: GuideResult
    skill: Key
    hall_keys: list[Annotated[str, Meta(min_length=1, max_length=60)]]
    consult_phone: Short
    complaint_phone: Short
    hours_text: Short
    faqs: list[Faq]


class RegionView(Struct, kw_only=True, frozen=True):
    """`level` counts from the province (1) down to the village (5); `code` grows with it: 2, 4, 6, 9, 12 digits."""

    code: str
    name: str
    level: int
    parent_code: str | None


class DepartmentView(Struct, kw_only=True, frozen=True):
    id: UUID
    key: str
    name: str
    uscc: str | None
    region_code: str
    phone: str | None
    sample: bool


class HallView(Struct, kw_only=True, frozen=True):
    """Where one can go. `hours_text` is what the sign at the door says."""

    id: UUID
    key: str
    name: str
    kind: str
    address: str
    phone: str | None
    hours_text: str
    region_code: str
    latitude: float | None
    longitude: float | None


class WindowView(Struct, kw_only=True, frozen=True):
    id: UUID
    hall_id: UUID
    number: int
    name: str
    skills: list[str]
    open: bool


class ItemView(Struct, kw_only=True, frozen=True):
    """An item as the other features need it. Without a published guide, `guide_id` is None and nobody can apply."""

    id: UUID
    code: str
    local_code: str | None
    name: str
    kind: str
    department_id: UUID
    region_code: str
    audience: list[str]
    themes: list[str]
    tags: list[str]
    guide_id: UUID | None
    visits: int | None
    promise_days: int | None
    handling: str | None
    online: bool
    bookable: bool
    skill: str | None
    sample: bool
    active: bool


class GuideView(Struct, kw_only=True, frozen=True):
    """One version of a guide. A case keeps `id` for life: what it names never changes."""

    id: UUID
    item_id: UUID
    version: int
    state: str
    reason: str
    effective_on: date
    published_at: datetime
    content: GuideContent
    item: ItemView
    department: DepartmentView


class ItemCard(Struct, kw_only=True):
    """One line of a list. `highlights` are [start, length] pairs in `name`, counted as JavaScript counts."""

    id: UUID
    code: str
    name: str
    department_id: UUID
    department: str
    visits: int | None
    promise_days: int | None
    handling: str | None
    online: bool
    bookable: bool
    tags: list[str]
    sample: bool
    highlights: list[list[int]] = []


class Suggestion(Struct, kw_only=True):
    id: UUID
    name: str
    highlights: list[list[int]]


class SuggestOut(Struct, kw_only=True):
    """Names that fit what is typed so far, and the words of the catalogue which people say otherwise."""

    items: list[Suggestion]
    words: list[str]


class ThemeOut(Struct, kw_only=True):
    key: str
    name: str
    audience: Audience
    icon: str
    count: int


class SearchQuery(PageQuery, kw_only=True, forbid_unknown_fields=True):
    q: Annotated[str, Meta(max_length=200)] = ""
    audience: Audience | None = None
    theme: Key | None = None
    department_id: UUID | None = None


class SuggestQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    q: Annotated[str, Meta(max_length=200)] = ""


class CalendarDay(Struct, kw_only=True, frozen=True):
    """One day. `provisional`: no notice covers its year yet, only the weekday speaks."""

    day: date
    working: bool
    name: str | None
    source: str
    provisional: bool


class RowNote(Struct, kw_only=True, frozen=True):
    """What an import says about one line of its file. `level` is `refused` or `warning`; `reason` a text key."""

    line: int
    level: Literal["refused", "warning"]
    reason: str
    value: str = ""


class ImportReport(Struct, kw_only=True):
    """Every line of the file is in exactly one of the first four counts."""

    rows: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    warnings: int = 0
    encoding: str = ""
    notes: list[RowNote] = []


class HolidayReport(Struct, kw_only=True):
    """Days that a holiday file changed."""

    years: list[int]
    named: int
    changed: int


class PlaceIn(Struct, kw_only=True, frozen=True):
    """A hall as an operator describes it."""

    key: str
    name: str
    kind: Literal["hall", "town_centre", "village_point", "partner_point", "kiosk", "locker_bank"]
    region_code: str
    address: str
    hours_text: str
    phone: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    sample: bool = False


class ItemIn(Struct, kw_only=True, frozen=True):
    """An item as an operator describes it; what a guide says is not repeated here."""

    code: str
    name: str
    department_id: UUID
    region_code: str
    kind: str = "20"
    local_code: str | None = None
    heat: int = 0
    audience: tuple[str, ...] = ("person", "enterprise")
    themes: list[str] = []
    sample: bool = False
    source: str = ""
