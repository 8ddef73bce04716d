"""Puts the database back between tests, touching only what was written."""

from __future__ import annotations

from dataclasses import dataclass

from server import db

_KEPT = "test_seed"
_TABLES = """
    SELECT quote_ident(relname) AS name,
           (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
            WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS columns
    FROM pg_class c
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
      AND relname <> 'tortoise_migrations'
    ORDER BY 1
"""


@dataclass(slots=True)
class CleanState:
    """Tables the migrations left empty, and those they filled: a copy of these is kept aside, and a mark of each.

    A row's `xmin` is the transaction that wrote it, so count and largest `xmin` move with every change.
    """

    empty: tuple[str, ...]
    seeded: dict[str, str]
    marks: dict[str, tuple[int, int]]

    @classmethod
    async def remember(cls) -> CleanState:
        """Note what a freshly migrated database holds."""
        tables = {row["name"]: row["columns"] for row in await db.fetch(_TABLES)}
        filled = [table for table in tables if await db.fetchval(f"SELECT EXISTS (SELECT 1 FROM {table})")]
        await db.execute(f"CREATE SCHEMA {_KEPT}")
        for table in filled:
            await db.execute(f"CREATE TABLE {_KEPT}.{table} AS SELECT {tables[table]} FROM {table}")
        state = cls(tuple(set(tables) - set(filled)), {table: tables[table] for table in filled}, {})
        state.marks = await state._marks()
        return state

    async def restore(self) -> None:
        """Empty what was filled, refill what was changed. Triggers and foreign keys sleep meanwhile."""
        filled = await self._filled()
        marks = await self._marks()
        changed = [table for table in self.seeded if marks[table] != self.marks[table]]
        if not filled and not changed:
            return
        async with db.tx() as connection:
            await connection.execute("SET LOCAL session_replication_role = replica")
            for table in (*filled, *changed):
                await connection.execute(f"DELETE FROM {table}")
            for table in changed:
                columns = self.seeded[table]
                await connection.execute(
                    f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {_KEPT}.{table}"
                )
        self.marks |= await self._marks() if changed else {}

    async def _filled(self) -> list[str]:
        asks = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in self.empty)
        return [row[0] for row in await db.fetch(" UNION ALL ".join(asks))] if self.empty else []

    async def _marks(self) -> dict[str, tuple[int, int]]:
        asks = (
            f"SELECT '{table}', count(*), coalesce(max(xmin::text::bigint), 0) FROM {table}" for table in self.seeded
        )
        rows = await db.fetch(" UNION ALL ".join(asks)) if self.seeded else []
        return {row[0]: (row[1], row[2]) for row in rows}
