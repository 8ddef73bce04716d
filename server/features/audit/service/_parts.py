"""The state of the chain, and checking it part by part, so that somebody who watches sees how far it is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.features.audit.models import SEALED_COLUMNS, sealed_bytes
from server.features.audit.service._record import record
from server.features.audit.service._seal import CHAIN, Checkpoint, read_checkpoint
from server.features.audit.service._verify import Fault

if TYPE_CHECKING:
    from server.actor import Staff
    from server.ports import Witness

PART = 1000
_COMPARED = 1000
_STATE = """
SELECT (SELECT count(*) FROM audit_entry WHERE sequence IS NULL) AS waiting, head.sequence, head.created_at
FROM (SELECT 1) AS one LEFT JOIN LATERAL (
    SELECT sequence, created_at FROM audit_entry WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1
) AS head ON true
"""
_RANGE = f"""
SELECT sequence, seal, {SEALED_COLUMNS} FROM audit_entry WHERE sequence > $1 AND sequence <= $2
ORDER BY sequence LIMIT {PART}
"""  # noqa: S608 - constants of this module
_SEALS = "SELECT sequence, seal FROM audit_entry WHERE sequence = ANY($1::bigint[])"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainState:
    """How far the chain is. `newest_at`: of the newest sealed deed; `checkpoint_at`: of the last line beside."""

    sealed: int
    waiting: int
    newest_at: datetime | None
    checkpoint: int
    checkpoint_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What checking one part found. `checked` is the last entry that fits; `done` says that nothing is left."""

    checked: int
    done: bool
    fault: Fault | None = None
    sequence: int | None = None
    entry_id: UUID | None = None


async def chain_state(witness: Witness) -> ChainState:
    """Tell how far the chain is sealed."""
    row = await db.fetchrow(_STATE)
    assert row is not None  # noqa: S101 - an aggregate always gives a row
    line = witness.last()
    known = None if line is None else read_checkpoint(witness, line)
    return ChainState(
        sealed=row["sequence"] or 0,
        waiting=row["waiting"],
        newest_at=row["created_at"],
        checkpoint=0 if known is None else known.sequence,
        checkpoint_at=None if known is None else datetime.fromisoformat(known.at),
    )


async def begin_verifying(actor: Staff, first: int, last: int) -> None:
    """Put on record that somebody checks a range."""
    async with db.tx():
        await record(actor, "audit.verified", "audit", None, first=first, last=last)


async def verify_part(witness: Witness, first: int, last: int, checked: int) -> Part:
    """Check some entries of first…last after `checked`; the last part also compares the checkpoints of the range.

    What lies before `first` is taken at its word: a range says something about itself.
    """
    seal = await _seal_of(checked)
    if seal is None:
        return _broken(checked, "missing", checked)
    rows = await db.fetch(_RANGE, checked, last)
    for row in rows:
        if row["sequence"] != checked + 1:
            return _broken(checked, "missing", checked + 1)
        made = witness.mac(CHAIN, seal + sealed_bytes(checked + 1, row))
        if not witness.same(made, row["seal"]):
            return _broken(checked, "changed", checked + 1, row["id"])
        seal, checked = row["seal"], checked + 1
    if checked < last and len(rows) == PART:
        return Part(checked=checked, done=False)
    if checked < last:
        return _broken(checked, "missing", checked + 1)
    return await _compared(witness, first, last)


async def _compared(witness: Witness, first: int, last: int) -> Part:
    # A file of years is read beside the loop.
    forged, noted = await asyncio.to_thread(_noted, witness, first, last)
    if forged is not None:
        return _broken(last, "checkpoint_forged", forged)
    for start in range(0, len(noted), _COMPARED):
        some = noted[start : start + _COMPARED]
        seals = {row["sequence"]: row["seal"].hex() for row in await db.fetch(_SEALS, [one.sequence for one in some])}
        for one in some:
            if seals.get(one.sequence) != one.seal:
                return _broken(last, "rewritten", one.sequence)
    return Part(checked=last, done=True)


def _noted(witness: Witness, first: int, last: int) -> tuple[int | None, list[Checkpoint]]:
    noted = []
    for number, line in enumerate(witness.lines(), 1):
        read = read_checkpoint(witness, line)
        if read is None:
            return number, []
        if first <= read.sequence <= last:
            noted.append(read)
    return None, noted


async def _seal_of(sequence: int) -> bytes | None:
    if sequence == 0:
        return b""
    seal: bytes | None = await db.fetchval("SELECT seal FROM audit_entry WHERE sequence = $1", sequence)
    return seal


def _broken(checked: int, fault: Fault, sequence: int, entry_id: UUID | None = None) -> Part:
    return Part(checked=checked, done=True, fault=fault, sequence=sequence, entry_id=entry_id)
