"""Migrations go forward and back, alone or together, and leave nothing half done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from tortoise.migrations import operations as ops

from server import db
from server.db.migrating import FIRST, LATEST
from server.migrations import __path__ as folders
from tests.server.db.catalogue import catalogue

pytestmark = pytest.mark.usefixtures("database")

NAMES = sorted(path.stem for path in Path(folders[0]).glob("[0-9]*.py"))


@pytest.fixture
async def empty() -> AsyncIterator[str]:
    """Make another, empty database on the same server; gives its address."""
    name = "onetrip_migrations"
    await db.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    await db.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    yield urlunsplit(urlsplit(db.address())._replace(path=f"/{name}"))
    await db.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_numbers_have_no_gap_and_no_double() -> None:
    assert [name[:4] for name in NAMES] == [f"{number:04}" for number in range(1, len(NAMES) + 1)]


async def test_every_step_back_undoes_exactly_its_step_forward(empty: str) -> None:
    before = await catalogue(empty)
    for at, name in enumerate(NAMES):
        assert await db.migrate(name, address=empty) == [name]
        after = await catalogue(empty)
        assert await db.migrate(NAMES[at - 1] if at else FIRST, address=empty) == [name]
        assert await catalogue(empty) == before, f"{name} back"
        assert await db.migrate(name, address=empty) == [name]
        assert await catalogue(empty) == after, f"{name} forward again"
        before = after


async def test_all_the_way_forward_and_back(empty: str) -> None:
    before = await catalogue(empty)
    assert await db.migrate(address=empty) == NAMES
    after = await catalogue(empty)
    assert await db.migrate(address=empty) == []
    assert await db.migrate(FIRST, address=empty) == NAMES[::-1]
    assert await catalogue(empty) == before
    assert await db.migrate(LATEST, address=empty) == NAMES
    assert await catalogue(empty) == after


async def test_two_releases_at_once_take_turns(empty: str) -> None:
    first, second = await asyncio.gather(db.migrate(address=empty), db.migrate(address=empty))
    assert sorted((first, second)) == [[], NAMES]


async def test_a_failure_anywhere_leaves_the_database_as_it_was(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await catalogue(empty)
    run = ops.RunSQL.database_forward
    seen = 0

    async def fails_in_the_second(self: ops.RunSQL, *args: object) -> None:
        nonlocal seen
        seen += 1
        if seen == 2:
            self = ops.RunSQL("SELECT 1 / 0")
        await run(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(ops.RunSQL, "database_forward", fails_in_the_second)
    with pytest.raises(db.MigrationError) as refused:
        await db.migrate(address=empty)
    assert "\n" not in str(refused.value)
    assert seen == 2
    assert await catalogue(empty) == before


async def test_a_migration_nobody_wrote_is_refused() -> None:
    with pytest.raises(db.MigrationError, match="0000_nothing"):
        await db.migrate("0000_nothing")


async def test_a_release_does_not_queue_behind_a_long_query(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.db.migrating._TABLE_WAIT", "SET LOCAL lock_timeout = '50ms'")
    await db.migrate(NAMES[0], address=empty)
    reader = await asyncpg.connect(empty)
    try:
        async with reader.transaction():
            await reader.execute("SELECT FROM idempotency_key")
            with pytest.raises(db.MigrationError, match="lock timeout"):
                await db.migrate(FIRST, address=empty)
    finally:
        await reader.close()
