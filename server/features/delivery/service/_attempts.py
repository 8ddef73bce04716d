"""Whatever is refused on the way of a result leaves its row with why, though the deed itself is undone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from server import db
from server.actor import Role, Staff
from server.errors import AppError
from server.features.audit import service as audit
from server.features.delivery.models import Attempt
from server.features.delivery.schemas import AttemptRow
from server.features.delivery.service import _rows
from server.features.identity import service as identity
from server.kit import clock
from server.kit.paging import Page, after, cursor_of
from server.kit.spoken import told
from server.kit.texts import text

Way = Literal["counter", "desk", "locker", "courier"]
WAYS: tuple[Way, ...] = ("counter", "desk", "locker", "courier")
READERS = (*_rows.DESK, Role.AUDITOR)
KEPT = timedelta(days=365)
_FOUND = """
    SELECT a.id, a.created_at, a.way, a.reason, a.params, a.staff_id, h.name AS hall
    FROM delivery_attempt a LEFT JOIN hall h ON h.id = a.hall_id
    WHERE ($1 OR coalesce(h.served_by, h.id) = ANY($2::uuid[]) OR a.staff_id = $3) AND ($4 = '' OR a.way = $4)
        AND ($5::timestamptz IS NULL OR (a.created_at, a.id) < ($5, $6::uuid))
    ORDER BY a.created_at DESC, a.id DESC LIMIT $7
"""
# A call that proves nothing may come from anybody: one a minute says that they come, and fills no table.
_TOLD_ENOUGH = timedelta(minutes=1)
_TOLD = """
    SELECT true FROM delivery_attempt
    WHERE way = $1 AND reason = $2 AND staff_id IS NULL AND hall_id IS NULL AND created_at > $3 LIMIT 1
"""
_FORGET = "DELETE FROM delivery_attempt WHERE id IN (SELECT id FROM delivery_attempt WHERE created_at < $1 LIMIT 5000)"


@asynccontextmanager
async def kept_if_unproven(way: Way) -> AsyncIterator[None]:
    """Keep that a call did not prove whose it is, and why: of each reason one a minute."""
    try:
        yield
    except AppError as refusal:
        if not await db.fetchval(_TOLD, way, refusal.code, clock.now() - _TOLD_ENOUGH):
            await keep(way, refusal)
        raise


@asynccontextmanager
async def kept_if_refused(way: Way, *, actor: Staff | None = None, hall_id: UUID | None = None) -> AsyncIterator[None]:
    """Keep that somebody was refused, and why; of an officer in the audit trail, too."""
    try:
        yield
    except AppError as refusal:
        async with db.tx():
            await keep(way, refusal, actor=actor, hall_id=hall_id or await _hall_of(actor))
        raise


async def keep(way: Way, refusal: AppError, *, actor: Staff | None = None, hall_id: UUID | None = None) -> None:
    """Keep one, in the caller's transaction."""
    staff_id = actor.staff_id if actor else None
    row = Attempt(
        way=way, reason=refusal.code, params=_plain(refusal.params), staff_id=staff_id, hall_id=hall_id
    )  # fmt: skip
    await row.save(force_create=True)
    if actor is not None:
        await audit.record(actor, "delivery.refused", "delivery", None, reason=refusal.code)


async def attempts(
    actor: Staff, way: str = "", *, cursor: str | None = None, limit: int = 50
) -> Page[AttemptRow]:  # fmt: skip
    """List what was refused in the actor's halls, at lockers they fill and to the actor, the newest first.

    An auditor reads all of it.
    """
    halls, key = await _rows.halls(actor), after(cursor, tuple[datetime, UUID])
    everywhere = actor.has(Role.AUDITOR) or (halls is None and actor.has(*_rows.DESK))
    found = await db.fetch(
        _FOUND, everywhere, list(halls or ()), actor.staff_id, way, *(key or (None, None)), limit + 1
    )  # fmt: skip
    shown = found[:limit]
    labels = await identity.staff_labels([row["staff_id"] for row in shown if row["staff_id"]])
    return Page(
        items=[
            AttemptRow(
                id=row["id"],
                at=row["created_at"],
                way=text(actor.locale, f"delivery.attempt.{row['way']}"),
                reason=row["reason"],
                reason_text=told(actor.locale, f"errors.{row['reason']}", msgspec.json.decode(row["params"])),
                hall=row["hall"],
                by=labels[row["staff_id"]][1] if row["staff_id"] else None,
            )
            for row in shown
        ],
        next=cursor_of(shown[-1]["created_at"], shown[-1]["id"]) if len(found) > limit else None,
    )


async def forget_attempts() -> int:
    """Remove what was refused long ago."""
    return int((await db.execute(_FORGET, clock.now() - KEPT)).removeprefix("DELETE "))


async def _hall_of(actor: Staff | None) -> UUID | None:
    """Name the one hall an officer works for, if there is only one."""
    halls = await _rows.halls(actor) if actor else None
    return halls[0] if halls is not None and len(halls) == 1 else None


def _plain(params: Mapping[str, object]) -> dict[str, str | int]:
    return {name: value if isinstance(value, int) else str(value) for name, value in params.items()}
