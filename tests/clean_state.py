"""Puts the database back between tests, touching only what was written."""

from __future__ import annotations

from dataclasses import dataclass

from server import db

_KEPT = "test_seed"


@dataclass(frozen=True, slots=True)
class CleanState:
    """Tables the migrations left empty, and those they filled (kept aside as a copy)."""

    empty: tuple[str, ...]
    seeded: tuple[str, ...]

    @classmethod
    async def remember(cls) -> CleanState:
        """Note what a freshly migrated database holds."""
        tables = [
            row["name"]
            for row in await db.fetch(
                "SELECT quote_ident(relname) AS name FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
                " AND relnamespace = 'public'::regnamespace AND relname <> 'tortoise_migrations' ORDER BY 1"
            )
        ]
        seeded = [table for table in tables if await db.fetchval(f"SELECT EXISTS (SELECT 1 FROM {table})")]
        await db.execute(f"CREATE SCHEMA {_KEPT}")
        for table in seeded:
            await db.execute(f"CREATE TABLE {_KEPT}.{table} AS TABLE {table}")
        return cls(tuple(table for table in tables if table not in seeded), tuple(seeded))

    async def restore(self) -> None:
        """Empty what was filled, refill what was changed. Triggers and foreign keys sleep meanwhile."""
        dirty = await self._filled()
        changed = await self._changed()
        if not dirty and not changed:
            return
        async with db.tx() as connection:
            await connection.execute("SET LOCAL session_replication_role = replica")
            for table in (*dirty, *changed):
                await connection.execute(f"DELETE FROM {table}")
            for table in changed:
                await connection.execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM {_KEPT}.{table}")

    async def _filled(self) -> list[str]:
        if not self.empty:
            return []
        asks = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in self.empty)
        return [row[0] for row in await db.fetch(asks)]

    async def _changed(self) -> list[str]:
        return [
            table
            for table in self.seeded
            if await db.fetchval(
                f"SELECT EXISTS (TABLE {table} EXCEPT TABLE {_KEPT}.{table})"
                f" OR (SELECT count(*) FROM {table}) <> (SELECT count(*) FROM {_KEPT}.{table})"
            )
        ]
