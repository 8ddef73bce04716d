"""Sealing: one at a time, and only what no running transaction can still slip something before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from server import db
from server.features.audit.models import SEALED_COLUMNS, sealed_bytes
from server.kit import clock

if TYPE_CHECKING:
    from server.ports import Witness

BATCH = 1000
_LOCK = 0x0_A0_D17  # any number nobody else locks
CHAIN = "audit.chain"
CHECKPOINT = "audit.checkpoint"

# A transaction that has not ended could still commit rows that belong before newer ones, so only what is older than
# the oldest running one is sealed. An xid from the future came with a restored backup: its transaction ended long ago.
_READY = f"""
SELECT {SEALED_COLUMNS} FROM audit_entry, pg_current_snapshot() AS now
WHERE sequence IS NULL AND (xid < pg_snapshot_xmin(now) OR xid >= pg_snapshot_xmax(now))
ORDER BY audit_entry.xid, id LIMIT {BATCH}
"""  # noqa: S608 - constants of this module
_HEAD = "SELECT sequence, seal FROM audit_entry WHERE sequence IS NOT NULL ORDER BY sequence DESC LIMIT 1"
_SEAL = """
UPDATE audit_entry AS entry SET sequence = new.sequence, seal = new.seal
FROM unnest($1::uuid[], $2::bigint[], $3::bytea[]) AS new (id, sequence, seal) WHERE entry.id = new.id
"""


class Checkpoint(msgspec.Struct, kw_only=True):
    """One line beside the table: how far the chain had come. `seal` and `signature` are hexadecimal."""

    sequence: int
    seal: str
    at: str
    signature: str = ""

    def signed_bytes(self) -> bytes:
        """Give the bytes the signature covers."""
        return msgspec.json.encode([self.sequence, self.seal, self.at])


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain; sequence 0 is before the first entry."""

    sequence: int = 0
    seal: bytes = b""


async def seal(witness: Witness) -> int:
    """Seal what is ready, then note beside the table how far it came. Gives the number of entries sealed."""
    known = _latest(witness)
    async with db.tx():
        if not await db.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK):
            return 0
        head = await _head()
        if known.sequence > head.sequence:
            # The tail was cut. Going on from the checkpoint leaves a gap that never closes, so the cut stays visible.
            head = known
        sealed = await _seal_ready(witness, head)
    newest = sealed[-1] if sealed else head
    if newest.sequence > known.sequence:
        await witness.append(_checkpoint(witness, newest))
    return len(sealed)


async def _head() -> Head:
    row = await db.fetchrow(_HEAD)
    return Head() if row is None else Head(row["sequence"], row["seal"])


async def _seal_ready(witness: Witness, head: Head) -> list[Head]:
    rows = await db.fetch(_READY)
    sealed: list[Head] = []
    for row in rows:
        sequence = head.sequence + 1
        head = Head(sequence, witness.mac(CHAIN, head.seal + sealed_bytes(sequence, row)))
        sealed.append(head)
    if sealed:
        ids = [row["id"] for row in rows]
        await db.execute(_SEAL, ids, [one.sequence for one in sealed], [one.seal for one in sealed])
    return sealed


def _checkpoint(witness: Witness, head: Head) -> bytes:
    made = Checkpoint(sequence=head.sequence, seal=head.seal.hex(), at=clock.now().isoformat(timespec="seconds"))
    made.signature = witness.mac(CHECKPOINT, made.signed_bytes()).hex()
    return msgspec.json.encode(made)


def _latest(witness: Witness) -> Head:
    line = witness.last()
    if line is None:
        return Head()
    read = read_checkpoint(witness, line)
    return Head() if read is None else Head(read.sequence, bytes.fromhex(read.seal))


def read_checkpoint(witness: Witness, line: bytes) -> Checkpoint | None:
    """Read one line, or None for one we did not write."""
    try:
        read = msgspec.json.decode(line, type=Checkpoint)
        genuine = witness.same(witness.mac(CHECKPOINT, read.signed_bytes()), bytes.fromhex(read.signature))
    except (msgspec.DecodeError, ValueError):
        return None
    return read if genuine else None
