"""Tests begin where the migrations ended, whatever the one before did."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from server import db
from tests.clean_state import CleanState

INSERT = "INSERT INTO idempotency_key (owner, key, body_hash, created_at) VALUES ('a', $1, ''::bytea, now())"


@pytest.fixture
async def seeded(database: None) -> AsyncIterator[CleanState]:
    """As if a migration had filled a table, and an append-only trigger stood on it."""
    await db.execute(
        "CREATE TABLE seeded (id int GENERATED ALWAYS AS IDENTITY, a int, b int GENERATED ALWAYS AS (a * 2) STORED)"
    )
    await db.execute("INSERT INTO seeded (a) VALUES (1), (2)")
    await db.execute("ALTER SCHEMA test_seed RENAME TO test_seed_kept")
    yield await CleanState.remember()
    await db.execute("DROP TABLE seeded")
    await db.execute("DROP SCHEMA test_seed CASCADE")
    await db.execute("ALTER SCHEMA test_seed_kept RENAME TO test_seed")


@pytest.mark.parametrize(
    "change",
    ["UPDATE seeded SET a = 5 WHERE a = 1", "DELETE FROM seeded WHERE a = 1", "INSERT INTO seeded (a) VALUES (3)"],
)
async def test_what_the_migrations_filled_is_put_back(seeded: CleanState, change: str) -> None:
    for _ in range(2):
        await db.execute(change)
        await seeded.restore()
        assert [tuple(row) for row in await db.fetch("SELECT * FROM seeded ORDER BY 1")] == [(1, 1, 2), (2, 2, 4)]


async def test_what_was_empty_is_empty_again_and_nothing_else_is_touched(seeded: CleanState) -> None:
    await db.execute(INSERT, "1")
    assert await seeded._filled() == ["idempotency_key"]
    await seeded.restore()
    assert await db.fetchval("SELECT count(*) FROM idempotency_key") == 0
