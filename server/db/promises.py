"""What is promised of a deed sent twice, as rows: whose it is, the answer it had, and how a statement keeps both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.db.sealed import seal_bytes, unseal_bytes
from server.errors import InvalidInput

if TYPE_CHECKING:
    from asyncpg import Record

# Joins to `asked (owner, key)`, for a handler that keeps the promise in its own statement.
STORED = """
    LEFT JOIN LATERAL (SELECT body_hash, status, reply_sealed FROM idempotency_key
        WHERE idempotency_key.owner = asked.owner AND idempotency_key.key = asked.key LIMIT 1) AS stored ON true
"""
STORED_COLUMNS = "stored.body_hash AS stored_hash, stored.status AS stored_status, stored.reply_sealed AS stored_reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One deed of one person. A handler that asks for `claim: Claim` keeps the promise itself, in its own statement."""

    owner: str
    key: str
    fingerprint: bytes

    @property
    def row(self) -> str:
        """Name the row for its seal."""
        return f"{self.owner}/{self.key}"


@dataclass(frozen=True, slots=True)
class Stored:
    """The answer a deed had; `replayed` when it was done before."""

    status: int
    body: bytes
    replayed: bool = False


def stored_of(claim: Claim, row: Record) -> Stored | None:
    """Read a row that has STORED_COLUMNS: the answer the deed had, if any. Raises InvalidInput as `look` does."""
    if row["stored_hash"] is None:
        return None
    if row["stored_hash"] != claim.fingerprint:
        raise InvalidInput("idempotency_key_reused")
    body = unseal_bytes("idempotency_key", "reply_sealed", claim.row, row["stored_reply"])
    return Stored(row["stored_status"], body, replayed=True)


def sealed_reply(claim: Claim, body: bytes) -> bytes:
    """Seal the answer of a deed for its row."""
    return seal_bytes("idempotency_key", "reply_sealed", claim.row, body)


def claimed_rows(source: str, *, at: str, status: int) -> str:
    """Give the INSERT of done deeds with their answers, returning `owner, key`; a key taken meanwhile is left out.

    It reads `owner, key, body_hash, reply_sealed` from `source`: for a handler that keeps the promise in its own
    statement.
    """
    return f"""INSERT INTO idempotency_key (owner, key, body_hash, status, reply_sealed, created_at)
        SELECT owner, key, body_hash, {status}, reply_sealed, {at} FROM {source} ORDER BY owner, key
        ON CONFLICT (owner, key) DO NOTHING RETURNING owner, key"""  # noqa: S608 - our own words
