"""Joint visits of a site, as they are proposed and shown."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct


class VisitIn(Struct, kw_only=True):
    """Which of the departments that are asked come along, on which days the lead could, and where."""

    department_ids: list[UUID]
    days: list[date]
    place: str


class VisitPartOut(Struct, kw_only=True):
    """One department's part. `mine`: the reader answers for it."""

    department_id: UUID
    department: str
    suits: list[date] | None
    passed: bool | None
    words: str | None
    mine: bool


class VisitTask(Struct, kw_only=True):
    """What a department still has to do for a visit.

    `what`: `agree` on days, `note` what it found on `day`; for whoever leads `propose` other days, or `tell`.
    """

    case_id: UUID
    number: str
    title: str
    day: date | None
    what: str


class VisitOut(Struct, kw_only=True):
    """The newest visit of a case. `stuck`: no day suits all; `come`: its day has come; `seen`: by all, who said so."""

    state: str
    place: str
    days: list[date]
    day: date | None
    mend_by: date | None
    stuck: bool
    come: bool
    seen: bool
    parts: list[VisitPartOut]
