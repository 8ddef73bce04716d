"""Bulletins (通报): ordered at the desk or made of each quarter, drawn by a worker under a lease, and fetched."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.documents import service as documents
from server.features.supervision.models import Bulletin
from server.features.supervision.service import _printing
from server.features.supervision.service._periods import Period, periods
from server.features.supervision.service._periods import period as written
from server.features.supervision.service._reach import Chosen, everything, view_of
from server.features.supervision.service._telling import Content, told
from server.kit import clock
from server.kit.ids import new_id
from server.kit.texts import SOURCE

WAKE = "bulletins"
OPEN_MOST = 3
KEPT = timedelta(days=730)
NEWS = timedelta(days=30)
_SHOWN = 20
_ORDERS = db.Leased("bulletin", "content::text AS content, sections")
# Whoever has lost the lease writes nothing any more.
_ON = "UPDATE bulletin SET drawn = sections / 2 WHERE id = $1 AND attempt = $2 AND state = 'drawing'"
_DONE = """
UPDATE bulletin SET state = 'done', drawn = sections, pdf = $3, xlsx = $4, finished_at = $5, lease_until = NULL
WHERE id = $1 AND attempt = $2 AND state = 'drawing'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinView:
    """One bulletin as whoever reads it sees it; `quarterly` is one that nobody ordered."""

    id: UUID
    period: Period
    scope: str
    state: str
    drawn: int
    sections: int
    at: datetime
    quarterly: bool

    @property
    def running(self) -> bool:
        """Say whether there is more to come."""
        return self.state in ("waiting", "drawing")


async def order_bulletin(actor: Staff, chosen: Chosen, period: Period) -> UUID:
    """Have a bulletin drawn of the figures as they stand. Raises NotFound, Conflict `supervision.too_many_orders`."""
    content = await told(await view_of(actor, chosen), period, actor.locale)
    kept = _bulletin(content, period, actor.staff_id)
    async with db.tx():
        if await Bulletin.of(actor.staff_id).filter(state__in=("waiting", "drawing")).count() >= OPEN_MOST:
            raise Conflict("supervision.too_many_orders", limit=OPEN_MOST)
        await kept.save(force_create=True)
        await audit.record(actor, "supervision.bulletin_ordered", "bulletin", kept.id, period=period.written)
        await db.notify(WAKE)
    return kept.id


async def bulletins(actor: Staff) -> list[BulletinView]:
    """List what the actor may read, the newest first."""
    rows = Bulletin.read_by(actor).order_by("-created_at").limit(_SHOWN)
    found = await rows.only("id", "period", "scope", "state", "drawn", "sections", "created_at", "staff_id")
    return [
        BulletinView(
            id=it.id, period=written(it.period), scope=it.scope, state=it.state, drawn=it.drawn, sections=it.sections,
            at=it.created_at, quarterly=it.staff_id is None,
        )
        for it in found
    ]  # fmt: skip


async def bulletin_file(actor: Staff, bulletin_id: UUID, kind: Literal["pdf", "xlsx"]) -> tuple[str, bytes]:
    """Give the file's name and what is in it. Raises NotFound, Conflict `supervision.not_drawn` before it is there."""
    row = await Bulletin.read_by(actor).get_or_none(id=bulletin_id)
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
    return await _ORDERS.draw(_draw, documents.GlyphMissingError)


async def _draw(row: db.Record) -> None:
    fence = (row["id"], row["attempt"])
    content = msgspec.json.decode(row["content"], type=Content)
    sheets = await asyncio.to_thread(_printing.xlsx, content)
    await db.execute(_ON, *fence)
    paper = await asyncio.to_thread(_printing.pdf, content)
    await db.execute(_DONE, *fence, paper, sheets, clock.now())


async def forget_bulletins() -> int:
    """Remove what was ordered long ago, never that of a quarter; gives 0, for a day's round is enough."""
    await Bulletin.filter(created_at__lt=clock.now() - KEPT, staff_id__not_isnull=True).delete()
    return 0


async def make_quarterly() -> int:
    """Have the bulletin of the quarter that is over made, once, as the figures stand then; gives 0, as above."""
    over = next(one for one in periods(clock.today()) if one.months == 3).before
    if await Bulletin.filter(staff_id=None, period=over.written).exists():
        return 0
    content = await told(await everything(), over, SOURCE)
    row = _bulletin(content, over, None)
    async with db.tx():
        # Of two workers at it one is second, and makes none.
        await Bulletin.bulk_create([row], ignore_conflicts=True)
        await db.notify(WAKE)
    return 0


async def new_quarterly(actor: Staff) -> int:
    """Count the bulletins of quarters that supervisors are still told of."""
    if not actor.has(Role.SUPERVISOR):
        return 0
    return await Bulletin.filter(staff_id=None, state="done", finished_at__gt=clock.now() - NEWS).count()


def _bulletin(content: Content, period: Period, staff_id: UUID | None) -> Bulletin:
    return Bulletin(
        id=new_id(), staff_id=staff_id, period=period.written, scope=content.lines[1],
        content=msgspec.to_builtins(content), sections=len(content.sections),
    )  # fmt: skip
