"""Reading the trail: by whom, on whom, in which matter, what and when; reading it is on record, too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tortoise.expressions import Q

from server import db
from server.features.audit.models import AuditEntry
from server.features.audit.service._record import record
from server.kit import clock
from server.kit.paging import Page, after, cursor_of

if TYPE_CHECKING:
    from tortoise.queryset import QuerySet

    from server.actor import Staff


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for; empty is everything. `action` may be a whole feature (`cases.`)."""

    staff_id: UUID | None = None
    person_id: UUID | None = None
    thread_id: UUID | None = None
    action: str = ""
    since: datetime | None = None
    before: datetime | None = None
    looks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """How far an auditor sees: deeds done under grants for these scopes, or for regions that begin so."""

    scopes: tuple[str, ...] = ()
    region_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as an auditor reads it; `sequence` is its place in the chain once it is sealed."""

    id: UUID
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    role: str | None
    scope: str | None
    address: str | None
    action: str
    subject: str
    subject_id: UUID | None
    person_id: UUID | None
    thread_id: UUID | None
    is_look: bool
    detail: dict[str, Any]
    sequence: int | None


async def search(
    actor: Staff, wanted: Wanted, within: Within | None, *, cursor: str | None = None, limit: int = 20
) -> Page[Entry]:
    """List entries, newest first. `within` None is the whole trail. The search itself becomes an entry.

    Raises BadCursor.
    """
    rows = _narrowed(wanted, within)
    key = after(cursor, tuple[datetime, UUID])
    if key is not None:
        rows = rows.filter(Q(created_at__lt=key[0]) | Q(created_at=key[0], id__lt=key[1]))
    async with db.tx():
        found = await rows.order_by("-created_at", "-id").limit(limit + 1)
        await record(
            actor, "audit.searched", "audit", None, person_id=wanted.person_id, thread_id=wanted.thread_id,
            **_said(wanted),
        )  # fmt: skip
    shown = found[:limit]
    more = len(found) > limit
    return Page(
        items=[_entry(row) for row in shown], next=cursor_of(shown[-1].created_at, shown[-1].id) if more else None
    )


async def history(subject: str, subject_id: UUID, *, limit: int) -> list[Entry]:
    """List what was done to one thing of the office itself (a hall, a window, an account), newest first."""
    rows = AuditEntry.filter(subject=subject, subject_id=subject_id, person_id=None)
    return [_entry(row) for row in await rows.order_by("-created_at", "-id").limit(limit)]


async def looks_since(day: date) -> int:
    """Count the looks at people's papers since a day began, in Shanghai."""
    begun = datetime.combine(day, time(), clock.SHANGHAI)
    return await AuditEntry.filter(created_at__gte=begun, is_look=True).count()


def _narrowed(wanted: Wanted, within: Within | None) -> QuerySet[AuditEntry]:
    rows = AuditEntry.all() if within is None else AuditEntry.filter(_reached(within))
    if wanted.staff_id is not None:
        rows = rows.filter(actor_kind="staff", actor_id=wanted.staff_id)
    if wanted.person_id is not None:
        rows = rows.filter(person_id=wanted.person_id)
    if wanted.thread_id is not None:
        rows = rows.filter(thread_id=wanted.thread_id)
    if wanted.action:
        whole = wanted.action.endswith(".")
        rows = rows.filter(action__startswith=wanted.action) if whole else rows.filter(action=wanted.action)
    if wanted.since is not None:
        rows = rows.filter(created_at__gte=wanted.since)
    if wanted.before is not None:
        rows = rows.filter(created_at__lt=wanted.before)
    return rows.filter(is_look=True) if wanted.looks else rows


def _reached(within: Within) -> Q:
    reached = Q(actor_scope__in=within.scopes)
    for prefix in within.region_prefixes:
        reached |= Q(actor_scope__startswith=f"region:{prefix}")
    return reached


def _said(wanted: Wanted) -> dict[str, str | int]:
    said: dict[str, str | int] = {"looks": int(wanted.looks)}
    if wanted.staff_id is not None:
        said["staff"] = str(wanted.staff_id)
    if wanted.action:
        said["verb"] = wanted.action
    if wanted.since is not None:
        said["since"] = wanted.since.isoformat()
    if wanted.before is not None:
        said["before"] = wanted.before.isoformat()
    return said


def _entry(row: AuditEntry) -> Entry:
    return Entry(
        id=row.id,
        at=row.created_at,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        role=row.actor_role,
        scope=row.actor_scope,
        address=row.address,
        action=row.action,
        subject=row.subject,
        subject_id=row.subject_id,
        person_id=row.person_id,
        thread_id=row.thread_id,
        is_look=row.is_look,
        detail=row.detail,
        sequence=row.sequence,
    )
