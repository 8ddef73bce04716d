"""Whoever comes to a hall's door waits for their turn here, before they take a connection of the database.

Arrivals of one hall pass one by one (`one_at_a_time`). Left to wait inside PostgreSQL, a crowd at one door held every
connection of the process, and nobody anywhere else was served.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from server.errors import Unavailable
from server.features.queue.service._arrive import hall_of_token

# Longer than an evening's crowd takes, shorter than a phone waits for its answer.
MOST_SECONDS = 6.0


class _Door:
    """The turn of one hall, and how many use it."""

    def __init__(self) -> None:
        self.free = asyncio.Lock()
        self.users = 0


_doors: dict[UUID, _Door] = {}


@asynccontextmanager
async def turn(token: str) -> AsyncIterator[None]:
    """Wait for one's turn at the hall whose QR was scanned. To be entered outside of any transaction.

    Refuses: `busy` with the seconds after which to come again, and as `hall_of_token` does.
    """
    hall_id = (await hall_of_token(token)).hall_id
    door = _doors.setdefault(hall_id, _Door())
    door.users += 1
    try:
        await _taken(door.free)
        try:
            yield
        finally:
            door.free.release()
    finally:
        door.users -= 1
        if not door.users:
            del _doors[hall_id]


async def _taken(free: asyncio.Lock) -> None:
    try:
        async with asyncio.timeout(MOST_SECONDS):
            await free.acquire()
    except TimeoutError as crowded:
        raise Unavailable("busy", retry_after=2) from crowded
