"""Sealing skips nothing, and the table protects itself."""

from __future__ import annotations

import asyncpg
import pytest

from server import db
from server.actor import Anonymous
from server.adapters.witness import FileWitness
from server.features.audit import service as audit
from server.features.audit.service import Verdict, _seal
from server.kit import ids
from tests.factories.audit import seal
from tests.server.audit.conftest import sealed, verdict, write


async def test_a_late_commit_is_not_skipped(database: None, witness: FileWitness) -> None:
    """An older transaction that ends after sealing must still find its place in the chain."""
    late = await asyncpg.connect(db.address())
    open_transaction = late.transaction()
    await open_transaction.start()
    await late.execute(
        "INSERT INTO audit_entry (id, created_at, actor_kind, request_id, action, subject, is_look, detail)"
        " VALUES (gen_random_uuid(), now(), 'system', '', 'tests.late', 'thing', false, '{}')"
    )
    await write(3)
    assert await audit.seal(witness) == 0, "younger entries were sealed over an open transaction"
    await open_transaction.commit()
    assert await seal(witness) == 4
    assert await db.fetchval("SELECT sequence FROM audit_entry WHERE action = 'tests.late'") == 1
    assert await verdict(witness) == (None, None)
    await late.close()


async def test_a_transaction_that_only_reads_holds_nothing_up(database: None, witness: FileWitness) -> None:
    reader = await asyncpg.connect(db.address())
    async with reader.transaction(isolation="repeatable_read"):
        await reader.fetchval("SELECT count(*) FROM audit_entry")
        await sealed(witness, 3)
    await reader.close()


async def test_one_seals_at_a_time(database: None, witness: FileWitness) -> None:
    await write(3)
    other = await asyncpg.connect(db.address())
    async with other.transaction():
        await other.execute("SELECT pg_advisory_xact_lock($1)", _seal._LOCK)
        assert await audit.seal(witness) == 0
    await other.close()
    assert await seal(witness) == 3


async def test_a_restored_backup_is_sealed_too(intruder: asyncpg.Connection, witness: FileWitness) -> None:
    await write(2)
    await intruder.execute("UPDATE audit_entry SET xid = '99999999999'::xid8")
    assert await seal(witness) == 2


async def test_more_than_one_batch(database: None, witness: FileWitness, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[tuple[object, ...]] = [(ids.new_id(),) for _ in range(_seal.BATCH + 5)]
    await db.executemany(
        "INSERT INTO audit_entry (id, created_at, actor_kind, request_id, action, subject, is_look, detail)"
        " VALUES ($1, now(), 'system', '', 'tests.many', 'thing', false, '{}')",
        rows,
    )
    assert [await seal(witness) for _ in range(3)] == [_seal.BATCH, 5, 0]
    assert await audit.verify(witness) == Verdict(entries=_seal.BATCH + 5, waiting=0, checkpoints=2)


# --- the table protects itself --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'tests.undone'",
        "UPDATE audit_entry SET sequence = NULL, seal = NULL",
        "UPDATE audit_entry SET seal = 'x'",
        "UPDATE audit_entry SET sequence = 9, seal = 'x', action = 'tests.undone' WHERE sequence IS NULL",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
    ],
)
async def test_nothing_is_changed_or_removed(database: None, witness: FileWitness, statement: str) -> None:
    await sealed(witness, 1)
    await write(1)
    with pytest.raises(asyncpg.RestrictViolationError):
        await db.execute(statement)


async def test_an_entry_is_undone_with_its_deed(database: None) -> None:
    @db.transactional
    async def fail() -> None:
        await audit.record(Anonymous(request_id="r1"), "tests.done", "thing", None)
        raise ValueError("undone")

    with pytest.raises(ValueError, match="undone"):
        await fail()
    assert await db.fetchval("SELECT count(*) FROM audit_entry") == 0
