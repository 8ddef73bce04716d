"""Looking for something: what is asked, and the lines that are found."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from server.features.catalogue.schemas._guide import Audience
from server.features.catalogue.schemas._situation import Key
from server.features.catalogue.schemas._views import HallView, WindowView
from server.kit.paging import PageQuery


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


class HallPageOut(Struct, kw_only=True):
    """A hall as somebody plans to go there: its windows, and what can be done at it, the most used first."""

    hall: HallView
    windows: list[WindowView]
    items: list[ItemCard]


class Suggestion(Struct, kw_only=True):
    id: UUID
    name: str
    highlights: list[list[int]]


class HallFound(Struct, kw_only=True):
    id: UUID
    name: str
    address: str


class SuggestOut(Struct, kw_only=True):
    """Names that fit what is typed so far, the words of the catalogue which people say otherwise, and halls."""

    items: list[Suggestion]
    words: list[str]
    halls: list[HallFound]


class ThemeOut(Struct, kw_only=True):
    key: str
    name: str
    audience: Audience
    icon: str
    count: int


class SearchQuery(PageQuery, kw_only=True, forbid_unknown_fields=True):
    """What is looked for. `theme` is a shelf of the catalogue; the tag `theme` leaves only 一件事."""

    q: Annotated[str, Meta(max_length=200)] = ""
    audience: Audience | None = None
    theme: Key | None = None
    department_id: UUID | None = None
    tag: Literal["theme"] | None = None


class FormQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """`filled`: as a sample, with a watermark."""

    filled: bool = False


class SuggestQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    q: Annotated[str, Meta(max_length=200)] = ""
