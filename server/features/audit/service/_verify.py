"""Verifying: walk the chain beside its checkpoints and name the first entry that does not fit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from server import db
from server.features.audit.models import SEALED_COLUMNS, sealed_bytes
from server.features.audit.service._seal import CHAIN, Checkpoint, read_checkpoint

if TYPE_CHECKING:
    from asyncpg import Record

    from server.ports import Witness

_BATCH = 5000
_SOME = f"""
SELECT sequence, seal, {SEALED_COLUMNS} FROM audit_entry WHERE sequence > $1 ORDER BY sequence LIMIT {_BATCH}
"""  # noqa: S608 - constants of this module

Fault = Literal["changed", "missing", "rewritten", "checkpoint_forged", "checkpoints_gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What verifying found. `fault` None: unbroken. `sequence` is the first bad entry, or the bad line of checkpoints.

    changed: the entry, or the one before it, is not what was sealed · missing: there is no such entry, a cut tail
    included · rewritten: well sealed, but not as the checkpoint saw it; it is this entry or one of the next few.
    """

    entries: int
    waiting: int
    checkpoints: int
    fault: Fault | None = None
    sequence: int | None = None
    entry_id: UUID | None = None


class _Broken(Exception):
    def __init__(self, fault: Fault, sequence: int, entry_id: UUID | None = None) -> None:
        super().__init__(fault)
        self.fault = fault
        self.sequence = sequence
        self.entry_id = entry_id


class _Walk:
    """The chain and its checkpoints, side by side."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness
        self._lines = self._read()
        self._next: Checkpoint | None = None
        self._agreed = 0
        self._seal = b""
        self.entries = 0
        self.checkpoints = 0

    async def through(self) -> None:
        self._next = next(self._lines, None)
        async for row in _entries():
            self._step(row)
            await self._compare(row["sequence"])
        if self._next is not None:
            raise _Broken("missing", self.entries + 1)
        if self.entries and not self.checkpoints:
            raise _Broken("checkpoints_gone", 1)

    def _step(self, row: Record) -> None:
        expected = self.entries + 1
        if row["sequence"] != expected:
            raise _Broken("missing", expected)
        made = self._witness.mac(CHAIN, self._seal + sealed_bytes(expected, row))
        if not self._witness.same(made, row["seal"]):
            raise _Broken("changed", expected, row["id"])
        self._seal = row["seal"]
        self.entries = expected

    async def _compare(self, sequence: int) -> None:
        while self._next is not None and self._next.sequence <= sequence:
            # Workers on two hosts may have written lines out of order; an earlier entry is looked up.
            seal = self._seal if self._next.sequence == sequence else await _seal_of(self._next.sequence)
            if seal.hex() != self._next.seal:
                raise _Broken("rewritten", self._agreed + 1)
            self._agreed = max(self._agreed, self._next.sequence)
            self._next = next(self._lines, None)

    def _read(self) -> Iterator[Checkpoint]:
        for number, line in enumerate(self._witness.lines(), 1):
            read = read_checkpoint(self._witness, line)
            if read is None:
                raise _Broken("checkpoint_forged", number)
            self.checkpoints = number
            yield read


async def verify(witness: Witness) -> Verdict:
    """Check every seal and every checkpoint. Nothing is changed; sealing may go on meanwhile."""
    waiting = await db.fetchval("SELECT count(*) FROM audit_entry WHERE sequence IS NULL")
    walk = _Walk(witness)
    try:
        await walk.through()
    except _Broken as broken:
        return Verdict(
            entries=walk.entries,
            waiting=waiting,
            checkpoints=walk.checkpoints,
            fault=broken.fault,
            sequence=broken.sequence,
            entry_id=broken.entry_id,
        )
    return Verdict(entries=walk.entries, waiting=waiting, checkpoints=walk.checkpoints)


async def _entries() -> AsyncIterator[Record]:
    # Negative numbers exist only if somebody put them there; they too must be met.
    position = -(2**63)
    while rows := await db.fetch(_SOME, position):
        for row in rows:
            yield row
        position = rows[-1]["sequence"]


async def _seal_of(sequence: int) -> bytes:
    return await db.fetchval("SELECT seal FROM audit_entry WHERE sequence = $1", sequence) or b""
