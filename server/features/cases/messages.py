"""What cases say to people: a number and a status, never what is in the papers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar

from server.features.push import service as push

PAGE = "/features/thread/pages/detail?id={thread_id}"
PROGRESS: Mapping[str, str] = {"number": "number", "item": "item", "time": "at"}
FINISHED: Mapping[str, str] = {**PROGRESS, "department": "department"}


class CaseAccepted(push.Message):
    """The application is in order; the clock runs."""

    kind = "cases.accepted"
    template = "case_accepted"
    fields: ClassVar[Mapping[str, str]] = {**FINISHED, "due": "promise_on"}
    page = PAGE
    priority = 3
    thread_id: str
    number: str
    item: str
    department: str
    at: datetime
    promise_on: date


class CaseDeclined(push.Message):
    """The application cannot be taken; why is behind login."""

    kind = "cases.declined"
    template = "case_progress"
    fields: ClassVar[Mapping[str, str]] = PROGRESS
    page = PAGE
    priority = 2
    thread_id: str
    number: str
    item: str
    at: datetime


class CorrectionAsked(push.Message):
    """Something must be mended; all of it is told at once."""

    kind = "cases.correction_asked"
    template = "case_progress"
    fields: ClassVar[Mapping[str, str]] = PROGRESS
    page = "/features/cases/pages/form?id={case_id}"
    priority = 2
    case_id: str
    number: str
    item: str
    at: datetime


class CaseGranted(push.Message):
    """The decision is yes."""

    kind = "cases.granted"
    template = "case_finished"
    fields: ClassVar[Mapping[str, str]] = FINISHED
    page = PAGE
    priority = 3
    thread_id: str
    number: str
    item: str
    department: str
    at: datetime


class CaseDenied(push.Message):
    """The decision is no, with reasons and remedies behind login."""

    kind = "cases.denied"
    template = "case_finished"
    fields: ClassVar[Mapping[str, str]] = FINISHED
    page = PAGE
    priority = 2
    thread_id: str
    number: str
    item: str
    department: str
    at: datetime
