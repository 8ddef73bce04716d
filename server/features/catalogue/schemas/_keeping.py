"""What operators and administrators put in, and what is said of it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from server.features.catalogue.schemas._views import CalendarDay


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


class HallEdit(Struct, kw_only=True, frozen=True):
    """What an administrator corrects in a hall, and why."""

    name: Annotated[str, Meta(max_length=60)]
    address: Annotated[str, Meta(max_length=120)]
    hours_text: Annotated[str, Meta(max_length=120)]
    phone: Annotated[str, Meta(max_length=30)] = ""
    reason: Annotated[str, Meta(max_length=200)]


class WindowEdit(Struct, kw_only=True, frozen=True):
    """What an administrator decides of a window, and why."""

    name: Annotated[str, Meta(max_length=30)]
    skills: list[str]
    open: bool = True
    reason: Annotated[str, Meta(max_length=200)]


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


class HolidayPreview(Struct, kw_only=True):
    """What a notice would change: each day as it is and as it would be."""

    year: int
    named: int
    changes: list[tuple[CalendarDay, CalendarDay]]
