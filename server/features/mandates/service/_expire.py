"""What has run out, or was never answered."""

from __future__ import annotations

from tortoise.expressions import Q

from server import db
from server.actor import System
from server.features.audit import service as audit
from server.features.mandates.models import OPEN, PATIENCE, Mandate, State
from server.features.mandates.service import _news
from server.kit import clock

_ROUND = 100


async def expire() -> int:
    """End what its day or our patience has ended, and tell both sides; gives how many."""
    stale = Q(state=State.ASKED, moved_at__lt=clock.now() - PATIENCE)
    due = Q(stale, Q(until__lte=clock.today()), join_type="OR")
    async with db.tx():
        rows = await Mandate.filter(due, state__in=OPEN).limit(_ROUND).select_for_update(skip_locked=True)
        for row in rows:
            await row.move("end")
            await audit.record(System(name="mandates"), "mandates.lapsed", "mandate", row.id, person_id=row.person_id)
            await _news.ended(row)
    return len(rows)
