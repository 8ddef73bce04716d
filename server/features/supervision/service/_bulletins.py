"""Bulletins (通报): ordered at the desk, drawn by a worker under a lease, fetched by whoever ordered them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from server import db
from server.actor import Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.documents import service as documents
from server.features.supervision.models import Bulletin
from server.features.supervision.service import _printing
from server.features.supervision.service._periods import Period
from server.features.supervision.service._reach import Chosen
from server.features.supervision.service._telling import Content, told
from server.kit import clock
from server.kit.ids import new_id

WAKE = "bulletins"
OPEN_MOST = 3
KEPT = timedelta(days=730)
_LEASE = timedelta(seconds=60)
_MOST_ATTEMPTS = 3
_SHOWN = 20
_CLAIM = """
UPDATE bulletin SET state = 'drawing', attempt = attempt + 1, drawn = 0, lease_until = $2
WHERE id = (
    SELECT id FROM bulletin WHERE state = 'waiting' OR (state = 'drawing' AND lease_until < $1)
    ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, content::text AS content, sections, attempt
"""
# Whoever has lost the lease writes nothing any more.
_ON = "UPDATE bulletin SET drawn = sections / 2 WHERE id = $1 AND attempt = $2 AND state = 'drawing'"
_DONE = """
UPDATE bulletin SET state = 'done', drawn = sections, pdf = $3, xlsx = $4, finished_at = $5, lease_until = NULL
WHERE id = $1 AND attempt = $2 AND state = 'drawing'
"""
_FAIL = """
UPDATE bulletin SET state = 'failed', finished_at = $3, lease_until = NULL
WHERE id = $1 AND attempt = $2 AND state = 'drawing'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinView:
    """One bulletin as whoever ordered it sees it."""

    id: UUID
    period: str
    scope: str
    state: str
    drawn: int
    sections: int
    at: datetime

    @property
    def running(self) -> bool:
        """Say whether there is more to come."""
        return self.state in ("waiting", "drawing")


async def order_bulletin(actor: Staff, chosen: Chosen, period: Period) -> UUID:
    """Have a bulletin drawn of the figures as they stand. Raises NotFound, Conflict `supervision.too_many_orders`."""
    content = await told(actor, chosen, period)
    kept = Bulletin(
        id=new_id(), staff_id=actor.staff_id, period=period.written, scope=content.lines[1],
        content=msgspec.to_builtins(content), sections=len(content.sections),
    )  # fmt: skip
    async with db.tx():
        if await Bulletin.of(actor.staff_id).filter(state__in=("waiting", "drawing")).count() >= OPEN_MOST:
            raise Conflict("supervision.too_many_orders", limit=OPEN_MOST)
        await kept.save(force_create=True)
        await audit.record(actor, "supervision.bulletin_ordered", "bulletin", kept.id, period=period.written)
        await db.notify(WAKE)
    return kept.id


async def bulletins(actor: Staff) -> list[BulletinView]:
    """List what the actor ordered, the newest first."""
    rows = Bulletin.of(actor.staff_id).order_by("-created_at").limit(_SHOWN)
    found = await rows.only("id", "period", "scope", "state", "drawn", "sections", "created_at")
    return [
        BulletinView(
            id=it.id, period=it.period, scope=it.scope, state=it.state, drawn=it.drawn, sections=it.sections,
            at=it.created_at,
        )
        for it in found
    ]  # fmt: skip


async def bulletin_file(actor: Staff, bulletin_id: UUID, kind: Literal["pdf", "xlsx"]) -> tuple[str, bytes]:
    """Give the file's name and what is in it. Raises NotFound, Conflict `supervision.not_drawn` before it is there."""
    row = await Bulletin.of(actor.staff_id).get_or_none(id=bulletin_id)
    if row is None:
        raise NotFound
    drawn = row.pdf if kind == "pdf" else row.xlsx
    if drawn is None:
        raise Conflict("supervision.not_drawn")
    async with db.tx():
        await audit.record(actor, "supervision.bulletin_taken", "bulletin", row.id, kind=kind)
    return f"bulletin-{row.period}.{kind}", bytes(drawn)


async def draw_bulletin() -> int:
    """Draw the one that waits longest, and give how many were dealt with: one or none."""
    now = clock.now()
    row = await db.fetchrow(_CLAIM, now, now + _LEASE)
    if row is None:
        return 0
    fence = (row["id"], row["attempt"])
    if row["attempt"] > _MOST_ATTEMPTS:
        await db.execute(_FAIL, *fence, clock.now())
        return 1
    content = msgspec.json.decode(row["content"], type=Content)
    try:
        sheets = await asyncio.to_thread(_printing.xlsx, content)
        await db.execute(_ON, *fence)
        paper = await asyncio.to_thread(_printing.pdf, content)
    except documents.GlyphMissingError:
        await db.execute(_FAIL, *fence, clock.now())
        return 1
    await db.execute(_DONE, *fence, paper, sheets, clock.now())
    return 1


async def forget_bulletins() -> int:
    """Remove what was ordered long ago; gives 0, for a day's round is enough."""
    await Bulletin.filter(created_at__lt=clock.now() - KEPT).delete()
    return 0
