"""Shapes of a guide on its way to being published."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from server.errors import FieldError
from server.features.catalogue.schemas._guide import GuideContent

# Why a guide changes (清单动态调整): law, devolved or abolished powers, reorganisation, actual need.
Cause = Literal["law", "devolved", "reorganised", "need"]
DraftState = Literal["open", "proposed"]


class DraftView(Struct, kw_only=True, frozen=True):
    """A guide being written. `revision` grows with every save; `base_version` is the version it started from."""

    id: UUID
    item_id: UUID
    base_version: int | None
    state: DraftState
    content: GuideContent
    cause: Cause
    reason: str
    effective_on: date | None
    revision: int
    edited_by: UUID | None
    edited_at: datetime
    proposed_by: UUID | None
    faults: tuple[FieldError, ...]


class DraftTerms(Struct, kw_only=True, frozen=True):
    """Why a draft is to be published, and from when (None: at once)."""

    cause: Cause
    reason: Annotated[str, Meta(min_length=1, max_length=200)]
    effective_on: date | None = None


class GuideLine(Struct, kw_only=True, frozen=True):
    """One item in the list of guides."""

    item_id: UUID
    name: str
    code: str
    department: str
    version: int | None
    effective_on: date | None
    coming_on: date | None
    draft: DraftState | None
    edited_at: datetime | None


class VersionView(Struct, kw_only=True, frozen=True):
    """One version in the history of a guide: who wrote it, who published it, when and why."""

    id: UUID
    version: int
    state: str
    cause: str
    reason: str
    effective_on: date
    published_at: datetime
    published_by: UUID | None
    drafted_by: UUID | None


class FeeItem(Struct, kw_only=True, frozen=True):
    """One line of the list of fees. `most_fen` is the standard: nobody asks for more."""

    id: UUID
    name: str
    basis: str
    unit: str
    most_fen: int
    active: bool


class FeeEdit(Struct, kw_only=True, frozen=True):
    """A fee as an administrator describes it, and why it is put so."""

    name: Annotated[str, Meta(max_length=100)]
    basis: Annotated[str, Meta(max_length=500)]
    unit: Annotated[str, Meta(max_length=100)]
    most_fen: Annotated[int, Meta(ge=0, le=100_000_000)]
    active: bool = True
    reason: Annotated[str, Meta(max_length=200)]


class Difference(Struct, kw_only=True, frozen=True):
    """One place where two versions differ. `path` is dotted; a side that lacks the place is None."""

    path: tuple[str, ...]
    before: object
    after: object
