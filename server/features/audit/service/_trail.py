"""Reading the trail: by whom, on whom, in which matter, what and when; reading it is on record, too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from uuid import UUID

from server import db
from server.features.audit.models import AuditEntry
from server.features.audit.service._record import record
from server.kit import clock

if TYPE_CHECKING:
    from server.actor import Staff


_TRAIL = db.Listing("audit_entry e", "e.id", {"at": db.By("e.created_at", datetime)})


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


async def search(actor: Staff, wanted: Wanted, within: Within | None) -> db.Found[Entry]:
    """List entries, newest first. `within` None is the whole trail. Each page that is read becomes an entry."""

    async def shown(ids: list[UUID]) -> list[Entry]:
        async with db.tx():
            await record(
                actor, "audit.searched", "audit", None, person_id=wanted.person_id, thread_id=wanted.thread_id,
                **_said(wanted),
            )  # fmt: skip
        return [_entry(row) for row in await db.in_order(AuditEntry, ids)]

    return _narrowed(_TRAIL.found(shown, usual="-at"), wanted, within)


async def history(subject: str, subject_id: UUID, *, limit: int) -> list[Entry]:
    """List what was done to one thing of the office itself (a hall, a window, an account), newest first."""
    rows = AuditEntry.filter(subject=subject, subject_id=subject_id, person_id=None)
    return [_entry(row) for row in await rows.order_by("-created_at", "-id").limit(limit)]


async def looks_since(day: date) -> int:
    """Count the looks at people's papers since a day began, in Shanghai."""
    begun = datetime.combine(day, time(), clock.SHANGHAI)
    return await AuditEntry.filter(created_at__gte=begun, is_look=True).count()


def _narrowed(rows: db.Found[Entry], wanted: Wanted, within: Within | None) -> db.Found[Entry]:
    if within is not None:
        regions = [f"region:{prefix}%" for prefix in within.region_prefixes]
        scope = "e.actor_scope = ANY ({}::text[]) OR e.actor_scope LIKE ANY ({}::text[])"
        rows = rows.where(scope, list(within.scopes), regions)
    if wanted.staff_id is not None:
        rows = rows.where("e.actor_kind = 'staff' AND e.actor_id = {}", wanted.staff_id)
    if wanted.person_id is not None:
        rows = rows.where("e.person_id = {}", wanted.person_id)
    if wanted.thread_id is not None:
        rows = rows.where("e.thread_id = {}", wanted.thread_id)
    if wanted.action:
        whole = wanted.action.endswith(".")
        rows = rows.where("starts_with(e.action, {})" if whole else "e.action = {}", wanted.action)
    if wanted.since is not None:
        rows = rows.where("e.created_at >= {}", wanted.since)
    if wanted.before is not None:
        rows = rows.where("e.created_at < {}", wanted.before)
    return rows.where("e.is_look") if wanted.looks else rows


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
