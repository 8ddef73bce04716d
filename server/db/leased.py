"""Orders that a worker draws aside, under a lease: one that dies leaves the order to the next, which begins anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from asyncpg import Record

from server.db.transaction import execute, fetchrow
from server.kit import clock

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 3


class Leased:
    """The orders of one table; `gives` are the columns that whoever draws needs besides `id` and `attempt`."""

    def __init__(self, table: str, gives: str) -> None:
        self._claim = f"""
            UPDATE {table} SET state = 'drawing', attempt = attempt + 1, drawn = 0, lease_until = $2
            WHERE id = (
                SELECT id FROM {table} WHERE state = 'waiting' OR (state = 'drawing' AND lease_until < $1)
                ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id, attempt, {gives}
        """  # noqa: S608 - the table and its columns are named by our code
        # Whoever has lost the lease writes nothing any more.
        self._fail = f"""
            UPDATE {table} SET state = 'failed', finished_at = $3, lease_until = NULL
            WHERE id = $1 AND attempt = $2 AND state = 'drawing'
        """  # noqa: S608 - as above

    async def draw(self, draw: Callable[[Record], Awaitable[None]], hopeless: type[Exception]) -> int:
        """Have the one that waits longest drawn, and give how many were dealt with: one or none.

        One that fails as `hopeless`, or has been begun too often, is given up.
        """
        now = clock.now()
        row = await fetchrow(self._claim, now, now + LEASE)
        if row is None:
            return 0
        if row["attempt"] <= MOST_ATTEMPTS:
            try:
                await draw(row)
            except hopeless:
                pass
            else:
                return 1
        await execute(self._fail, row["id"], row["attempt"], clock.now())
        return 1
