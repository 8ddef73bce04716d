"""What the province or the city says of an item, and how the county's own guide compares (三级十同, notice row 4)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from server.features.catalogue.schemas._guide import Audience, Days

# The ten that are to be alike in province, city and county. The code is what the rest is found by.
Element = Literal["code", "name", "kind", "basis", "exercised", "conditions", "audience", "materials", "days", "fees"]
Level = Literal["province", "city"]
Tier = Literal["province", "city", "county", "town", "village"]
Line = Annotated[str, Meta(min_length=1, max_length=500)]


class StandardMaterial(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    need: Literal["required", "deficiency", "optional"]


class StandardDays(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Working days, 0 on the spot. The county may promise fewer."""

    legal_days: Days
    promise_days: Days


class StandardFee(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """The most that may be asked, in fen."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    most_fen: Annotated[int, Meta(ge=0, le=100_000_000)]


class GuideStandard(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One item as a level above has settled it. What it says nothing of is left to the county.

    `source` is the document, `locked` what nobody below may change (省固化, 市统一; row 5).
    """

    code: Annotated[str, Meta(min_length=4, max_length=40)]
    level: Level
    source: Annotated[str, Meta(min_length=1, max_length=200)]
    from_on: date
    locked: list[Element] = []
    name: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    kind: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    basis: list[Line] | None = None
    exercised: list[Tier] | None = None
    conditions: list[Line] | None = None
    audience: list[Audience] | None = None
    materials: list[StandardMaterial] | None = None
    days: StandardDays | None = None
    fees: list[StandardFee] | None = None


class Standing(Struct, kw_only=True, frozen=True):
    """One element of a guide beside what a level above says of it, a line a part. `reason` explains a difference."""

    standard_id: UUID
    level: Level
    source: str
    element: Element
    locked: bool
    same: bool
    theirs: list[str]
    ours: list[str]
    reason: str | None = None
    explained_by: UUID | None = None


class StandardLine(Struct, kw_only=True, frozen=True):
    """One item that has a standard, and how many of its elements differ: in all, and without a reason."""

    item_id: UUID
    name: str
    code: str
    level: Level
    source: str
    differs: int
    unexplained: int
