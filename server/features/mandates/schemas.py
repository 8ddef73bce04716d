"""What comes in and what goes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct


class MandateIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """For whom, and how far. A guardian's ends when the child is of age, whatever `last_day` says."""

    relation: Literal["guardian", "relative", "agent"]
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    number: Annotated[str, Meta(min_length=1, max_length=40)]
    document_kind: Literal["resident_id", "passport", "hk_macau_permit", "taiwan_permit"] = "resident_id"
    scope: Literal["visits", "everything"] = "everything"
    last_day: date | None = None


class ObjectionIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why another guardian does not agree."""

    reason: Annotated[str, Meta(min_length=1, max_length=300)]


class MandateOut(Struct, kw_only=True):
    """One mandate as one of its sides sees it. `side`: I act (agent), am acted for (person), or also act (guardian)."""

    id: UUID
    side: Literal["agent", "person", "guardian"]
    person_id: UUID
    name: str
    agent_name: str
    relation: str
    scope: str
    state: str
    basis: str | None
    last_day: date
    since: datetime
    reason: str | None
    can: list[Literal["consent", "refuse", "object", "end"]]


class WayOn(Struct, kw_only=True):
    """Where the papers are looked at."""

    name: str
    address: str
    hours: str
    phone: str | None


class MandatesOut(Struct, kw_only=True):
    """Everything about acting for others and being acted for; `hall` helps with whatever waits."""

    items: list[MandateOut]
    hall: WayOn | None


class DeskRow(Struct, kw_only=True):
    """One that waits for the desk, masked."""

    id: UUID
    agent: str
    person: str
    relation: str
    state: str
    since: datetime


class DeskMandate(Struct, kw_only=True):
    """One that lies on the desk: names in clear, to compare with the papers."""

    id: UUID
    agent: str
    agent_document: str
    person: str
    person_document: str
    relation: str
    scope: str
    state: str
    basis: str | None
    papers: list[str]
    shown: list[str]
    last_day: date
    since: datetime
    reason: str | None
    others: list[str]
    decidable: bool
