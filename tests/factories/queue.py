"""A hall with a line in it, made quickly: tickets are rows here, as if their owners had come one by one."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from itertools import count
from uuid import UUID

from server import db
from server.features.queue.service import _live
from server.kit import clock
from server.kit.ids import new_id

_days = count()

_LINE = """
INSERT INTO ticket (id, created_at, hall_id, skill, day, place_at, rank_at, number, state, joined_behind)
SELECT gen_random_uuid(), $1::timestamptz, $2, $3, $4, $1::timestamptz + nth * interval '1 ms',
    $1::timestamptz + nth * interval '1 ms',
    'B' || lpad(($6::int + nth)::text, 5, '0'), 'waiting', nth
FROM generate_series(1, $5::int) AS nth
"""
_PAST = """
INSERT INTO ticket (id, created_at, hall_id, skill, day, place_at, rank_at, number, state, called_at, finished_at)
VALUES ($1, $2, $3, $4, $5, $2, $2, $6, 'done', $7, $8)
"""


def grown_up() -> date:
    """A birthday of its own, of somebody who is not old: the old go through the green channel."""
    return date(1980, 1, 1) + timedelta(days=next(_days))


async def line(hall_id: UUID, people: int, skill: str = "general", *, after: int = 0) -> None:
    """So many people wait, each with a number and no name."""
    await db.execute(_LINE, clock.now(), hall_id, skill, clock.today(), people, after)


async def served(hall_id: UUID, at: datetime, minutes: float, number: str, skill: str = "general") -> None:
    """Somebody came, was called after five minutes, and was done after so many more."""
    called = at + timedelta(minutes=5)
    day = at.astimezone(clock.SHANGHAI).date()
    await db.execute(_PAST, new_id(), at, hall_id, skill, day, number, called, called + timedelta(minutes=minutes))


async def watched(hall_id: UUID, by: int) -> None:
    """Wait until so many watch a hall."""
    async with asyncio.timeout(30):
        while (room := _live._rooms.get(hall_id)) is None or room.watching < by:  # noqa: ASYNC110 - what a handler does
            await asyncio.sleep(0.01)
