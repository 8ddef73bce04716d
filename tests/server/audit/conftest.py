"""A chain to seal and to break."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from server import db
from server.actor import System
from server.adapters.witness import FileWitness
from server.features.audit import service as audit
from server.kit import ids
from tests.factories.audit import seal

KEY = bytes(range(32))
NOBODY = System(name="tests")


@pytest.fixture
def witness(tmp_path: Path) -> FileWitness:
    return FileWitness(tmp_path / "audit" / "checkpoints.jsonl", KEY)


@pytest.fixture
async def intruder(database: None) -> AsyncIterator[asyncpg.Connection]:
    """Somebody with every right on the database, who has put the triggers to sleep."""
    connection = await asyncpg.connect(db.address())
    await connection.execute("SET session_replication_role = replica")
    yield connection
    await connection.close()


async def write(count: int) -> None:
    for serial in range(count):
        async with db.tx():
            await audit.record(NOBODY, "tests.done", "thing", ids.new_id(), person_id=ids.new_id(), serial=serial)


async def sealed(witness: FileWitness, *counts: int) -> None:
    """Write and seal in rounds, a checkpoint after each."""
    for count in counts:
        await write(count)
        assert await seal(witness) == count


async def verdict(witness: FileWitness) -> tuple[str | None, int | None]:
    found = await audit.verify(witness)
    return found.fault, found.sequence
