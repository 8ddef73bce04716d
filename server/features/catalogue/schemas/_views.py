"""What the catalogue holds, as other features and the wire see it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from server.features.catalogue.schemas._guide import GuideContent


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


SATURDAY = 5


class CalendarDay(Struct, kw_only=True, frozen=True):
    """One day. `provisional`: no notice covers its year yet, only the weekday speaks."""

    day: date
    working: bool
    name: str | None
    source: str
    provisional: bool

    @property
    def holiday(self) -> bool:
        """Say whether it is a holiday, and no mere weekend: one that falls on a Saturday is shut like any other."""
        return not self.working and (self.name is not None or self.day.weekday() < SATURDAY)
