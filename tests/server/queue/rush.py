"""Many windows call at once, until nobody waits."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import UUID

import pytest

from server import db
from server.actor import Staff
from server.features.catalogue.service import HallView
from server.features.queue import service as queue
from server.features.queue.service import _call
from tests.factories import catalogue as make
from tests.factories.queue import line

WINDOWS = 20
# Done at once: what is proven is who gets whom, not what is done with them.
_DONE = "UPDATE ticket SET state = 'done', finished_at = called_at WHERE id = $1 AND window_id = $2"


async def rush(clerk: Staff, hall: HallView, people: int) -> Counter[UUID]:
    """Let all windows call until nobody waits; counts how often each was called."""
    await line(hall.id, people)
    windows = [await make.window(hall, number) for number in range(1, WINDOWS + 1)]
    called: Counter[UUID] = Counter()

    async def calls(window: UUID) -> None:
        while (ticket := await queue.call_next(clerk, window)) is not None:
            called[ticket] += 1
            await db.execute(_DONE, ticket, window)

    await asyncio.gather(*(calls(window.id) for window in windows))
    return called


def without_the_guard(patch: pytest.MonkeyPatch) -> None:
    """Take the lock out of the statement: everybody picks the same first one."""
    bare = _call.CALL_NEXT.replace("FOR UPDATE SKIP LOCKED", "")
    assert bare != _call.CALL_NEXT
    patch.setattr(_call, "CALL_NEXT", bare)


async def left() -> int:
    """Count those nobody called."""
    found: int = await db.fetchval("SELECT count(*) FROM ticket WHERE state <> 'done'")
    return found
