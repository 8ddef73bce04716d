"""The audit chain: whatever is done to the table, verifying names the first entry that does not fit."""

from __future__ import annotations

import random
from pathlib import Path

import asyncpg
import pytest

from server import db
from server.adapters.witness import FileWitness
from server.features.audit import service as audit
from server.features.audit.service import Verdict
from tests.factories.audit import seal
from tests.server.audit.conftest import KEY, sealed, verdict, write


async def test_an_untouched_chain_is_unbroken(database: None, witness: FileWitness) -> None:
    await sealed(witness, 3, 4)
    await write(2)
    assert await audit.verify(witness) == Verdict(entries=7, waiting=2, checkpoints=2)
    assert await seal(witness) == 2
    assert await audit.seal(witness) == 0
    assert await audit.verify(witness) == Verdict(entries=9, waiting=0, checkpoints=3)


async def test_an_empty_table_is_unbroken(database: None, witness: FileWitness) -> None:
    assert await audit.seal(witness) == 0
    assert await audit.verify(witness) == Verdict(entries=0, waiting=0, checkpoints=0)


COLUMNS = {
    "created_at": "created_at + interval '1 microsecond'",
    "xid": "'1'::xid8",
    "actor_kind": "'staff'",
    "actor_id": "gen_random_uuid()",
    "actor_role": "'auditor'",
    "actor_scope": "'region:'",
    "address": "'10.0.0.1'",
    "request_id": "'another'",
    "action": "'tests.undone'",
    "subject": "'thong'",
    "subject_id": "gen_random_uuid()",
    "person_id": "NULL",
    "thread_id": "gen_random_uuid()",
    "is_look": "true",
    "detail": "jsonb_set(detail, '{serial}', '99')",
    "seal": "sha256('guess')",
    "id": "gen_random_uuid()",
}


@pytest.mark.parametrize("column", COLUMNS)
async def test_an_edited_entry(intruder: asyncpg.Connection, witness: FileWitness, column: str) -> None:
    await sealed(witness, 8)
    await intruder.execute(f"UPDATE audit_entry SET {column} = {COLUMNS[column]} WHERE sequence = 5")
    assert await verdict(witness) == ("changed", 5)


async def test_every_column_is_sealed(database: None) -> None:
    columns = await db.fetch("SELECT column_name FROM information_schema.columns WHERE table_name = 'audit_entry'")
    assert {row["column_name"] for row in columns} == {*COLUMNS, "sequence"}


async def test_a_deleted_entry(intruder: asyncpg.Connection, witness: FileWitness) -> None:
    await sealed(witness, 8)
    await intruder.execute("DELETE FROM audit_entry WHERE sequence = 5")
    assert await verdict(witness) == ("missing", 5)
    await intruder.execute("UPDATE audit_entry SET sequence = sequence - 1 WHERE sequence > 5")
    assert await verdict(witness) == ("changed", 5)


async def test_an_inserted_entry(intruder: asyncpg.Connection, witness: FileWitness) -> None:
    await sealed(witness, 8)
    await intruder.execute("UPDATE audit_entry SET sequence = -sequence WHERE sequence > 4")
    await intruder.execute("UPDATE audit_entry SET sequence = 1 - sequence WHERE sequence < 0")
    copy = "SELECT gen_random_uuid(), created_at, xid, actor_kind, request_id, action, subject, is_look, detail"
    await intruder.execute(
        "INSERT INTO audit_entry (id, created_at, xid, actor_kind, request_id, action, subject, is_look, detail,"
        f" sequence, seal) {copy}, 5, seal FROM audit_entry WHERE sequence = 4"
    )
    assert await verdict(witness) == ("changed", 5)


async def test_an_entry_with_a_number_below_one(intruder: asyncpg.Connection, witness: FileWitness) -> None:
    await sealed(witness, 3)
    await write(1)
    await intruder.execute("UPDATE audit_entry SET sequence = -7, seal = 'x' WHERE sequence IS NULL")
    assert await verdict(witness) == ("missing", 1)


async def test_two_entries_swapped(intruder: asyncpg.Connection, witness: FileWitness) -> None:
    await sealed(witness, 8)
    await intruder.execute("UPDATE audit_entry SET sequence = 100 WHERE sequence = 5")
    await intruder.execute("UPDATE audit_entry SET sequence = 5 WHERE sequence = 6")
    await intruder.execute("UPDATE audit_entry SET sequence = 6 WHERE sequence = 100")
    assert await verdict(witness) == ("changed", 5)


@pytest.mark.parametrize("kept", [0, 1, 6])
async def test_a_cut_tail(intruder: asyncpg.Connection, witness: FileWitness, kept: int) -> None:
    await sealed(witness, 4, 4)
    await intruder.execute("DELETE FROM audit_entry WHERE sequence > $1", kept)
    assert await verdict(witness) == ("missing", kept + 1)


async def test_a_cut_tail_does_not_heal(intruder: asyncpg.Connection, witness: FileWitness) -> None:
    await sealed(witness, 4, 4)
    await intruder.execute("DELETE FROM audit_entry WHERE sequence > 6")
    await sealed(witness, 5)
    assert await verdict(witness) == ("missing", 7)


async def test_a_tail_unsealed_edited_and_sealed_again(intruder: asyncpg.Connection, witness: FileWitness) -> None:
    await sealed(witness, 4, 4)
    await intruder.execute(
        "UPDATE audit_entry SET sequence = NULL, seal = NULL, action = 'tests.forged' WHERE sequence > 4"
    )
    assert await verdict(witness) == ("missing", 5)
    await seal(witness)
    assert (await verdict(witness))[0] == "missing", "the gap the real sealer leaves"


async def test_a_tail_sealed_again_by_a_stolen_process(
    intruder: asyncpg.Connection, witness: FileWitness, tmp_path: Path
) -> None:
    """Even the right key cannot rewrite what a checkpoint has seen."""
    await sealed(witness, 4, 4)
    await intruder.execute(
        "UPDATE audit_entry SET sequence = NULL, seal = NULL, action = 'tests.forged' WHERE sequence > 4"
    )
    await seal(FileWitness(tmp_path / "elsewhere.jsonl", KEY))
    assert await verdict(witness) == ("rewritten", 5)


async def test_the_whole_chain_made_again_without_the_key(
    intruder: asyncpg.Connection, witness: FileWitness, tmp_path: Path
) -> None:
    await sealed(witness, 8)
    await intruder.execute("UPDATE audit_entry SET sequence = NULL, seal = NULL")
    await seal(FileWitness(tmp_path / "elsewhere.jsonl", bytes(32)))
    assert await verdict(witness) == ("changed", 1)


async def test_checkpoints_forged_or_gone(database: None, witness: FileWitness) -> None:
    await sealed(witness, 4, 4)
    path = witness._path
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"sequence":8', b'"sequence":7'))
    assert await verdict(witness) == ("checkpoint_forged", 2)
    path.write_bytes(whole + b"{}\n")
    assert await verdict(witness) == ("checkpoint_forged", 3)
    path.unlink()
    assert await verdict(witness) == ("checkpoints_gone", 1)


async def test_a_line_torn_by_a_crash_is_no_alarm(database: None, witness: FileWitness) -> None:
    await sealed(witness, 4)
    with witness._path.open("ab") as file:
        file.write(b'{"sequence":9,"se')
    assert await verdict(witness) == (None, None)
    await sealed(witness, 2)
    assert await audit.verify(witness) == Verdict(entries=6, waiting=0, checkpoints=2)


async def test_a_checkpoint_lost_in_a_crash_is_written_later(database: None, witness: FileWitness) -> None:
    await sealed(witness, 4, 4)
    lines = witness._path.read_bytes().splitlines(keepends=True)
    witness._path.write_bytes(lines[0])
    assert await audit.seal(witness) == 0
    assert await audit.verify(witness) == Verdict(entries=8, waiting=0, checkpoints=2)


async def test_checkpoints_out_of_order_are_no_alarm(database: None, witness: FileWitness) -> None:
    await sealed(witness, 2, 2, 2)
    lines = witness._path.read_bytes().splitlines(keepends=True)
    witness._path.write_bytes(lines[2] + lines[0] + lines[1])
    assert await audit.verify(witness) == Verdict(entries=6, waiting=0, checkpoints=3)


async def test_two_hundred_mutations_are_all_noticed(
    intruder: asyncpg.Connection, witness: FileWitness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sealed(witness, 20, 20)
    before = await intruder.fetch("SELECT * FROM audit_entry")
    chance = random.Random(20261120)
    for _ in range(200):
        place = chance.randint(1, 40)
        column = chance.choice(sorted(COLUMNS))
        mutation = chance.choice(["edit", "delete", "cut"])
        async with intruder.transaction():
            if mutation == "edit":
                await intruder.execute(
                    f"UPDATE audit_entry SET {column} = {COLUMNS[column]} WHERE sequence = $1",
                    place,
                )
            elif mutation == "delete":
                await intruder.execute("DELETE FROM audit_entry WHERE sequence = $1", place)
            else:
                await intruder.execute("DELETE FROM audit_entry WHERE sequence >= $1", place)
        fault, sequence = await verdict(witness)
        assert sequence == place, (mutation, column, fault)
        await intruder.execute("DELETE FROM audit_entry")
        await intruder.copy_records_to_table("audit_entry", records=[tuple(row) for row in before])
    assert await verdict(witness) == (None, None)
