"""Who looked at a person's papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from server.features.audit.models import AuditEntry
from server.kit.paging import Page, after, cursor_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look. `scope` is "hall:<id>", "department:<id>" or "region:<code>"; the officer is not named."""

    at: datetime
    role: str | None
    scope: str | None
    action: str
    person_id: UUID | None
    thread_id: UUID | None


async def looks_at(person_id: UUID, threads: Sequence[UUID] = (), *, cursor: str | None, limit: int) -> Page[Look]:
    """List the looks of staff and of the product itself at one person's papers, and at the matters named, the newest
    first. Raises `BadCursor`.
    """
    whose = Q(person_id=person_id)
    if threads:
        whose = Q(whose, Q(thread_id__in=threads), join_type="OR")
    rows = AuditEntry.filter(whose, is_look=True, actor_kind__in=("staff", "system"))
    key = after(cursor, tuple[datetime, UUID])
    if key is not None:
        at, id_ = key
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=id_))
    found = await rows.order_by("-created_at", "-id").limit(limit + 1)
    shown = found[:limit]
    return Page(
        items=[
            Look(
                at=row.created_at,
                role=row.actor_role if row.actor_kind == "staff" else None,
                scope=row.actor_scope,
                action=row.action,
                person_id=row.person_id,
                thread_id=row.thread_id,
            )
            for row in shown
        ],
        next=cursor_of(shown[-1].created_at, shown[-1].id) if len(found) > limit else None,
    )


async def looked_at(subject_ids: Sequence[UUID], action: str) -> set[UUID]:
    """Name those of some things that an officer has looked at."""
    rows = AuditEntry.filter(subject_id__in=list(subject_ids), action=action, actor_kind="staff")
    found: list[UUID] = await rows.distinct().values_list("subject_id", flat=True)  # type: ignore[assignment]
    return set(found)
