"""A connection of its own for one statement that serves many: planned once, and held to its indexes."""

from __future__ import annotations

import asyncio

import asyncpg
from asyncpg import Record

from server.db import connecting
from server.db.connecting import COMMAND_SECONDS, SERVER_SETTINGS
from server.db.engine import is_unreachable, unavailable

# Planned while its tables are small, a plan kept for good would read them whole when they are large.
HELD_TO_INDEXES = {
    "application_name": "onetrip lane",
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_mergejoin": "off",
    # How many rows an array holds is not known when the plan is made: what joins must not go by the smallest guess.
    "enable_nestloop": "off",
}


class Lane:
    """As many connections as are used at once, which is for its user to bound. A lost one is made again."""

    def __init__(self) -> None:
        self._free: list[asyncpg.Connection] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    async def fetch(self, sql: str, *args: object) -> list[Record]:
        """Run one statement, a transaction of its own, and give its rows. Raises `Unavailable`."""
        connection: asyncpg.Connection | None = None
        try:
            connection = await self._taken()
            rows: list[Record] = await connection.fetch(sql, *args)
        except BaseException as error:
            if connection is not None and not isinstance(error, asyncpg.PostgresError):
                connection.terminate()  # nobody knows what it is still busy with
            elif connection is not None:
                self._give_back(connection)
            if isinstance(error, Exception) and is_unreachable(error):
                raise unavailable(error) from error
            raise
        self._give_back(connection)
        return rows

    async def _taken(self) -> asyncpg.Connection:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            await self.close()
            self._loop = loop
        while self._free:
            connection = self._free.pop()
            if not connection.is_closed():
                return connection
        if self.close not in connecting.before_close:
            connecting.before_close.append(self.close)
        return await asyncpg.connect(
            connecting.address(), command_timeout=COMMAND_SECONDS, server_settings=SERVER_SETTINGS | HELD_TO_INDEXES
        )

    def _give_back(self, connection: asyncpg.Connection) -> None:
        if not connection.is_closed():
            self._free.append(connection)

    async def close(self) -> None:
        """End with the pool."""
        free, self._free = self._free, []
        for connection in free:
            if self._loop is not None and not self._loop.is_closed():
                connection.terminate()
