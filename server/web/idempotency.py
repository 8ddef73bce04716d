"""A deed sent twice is done once: claim, deed and stored answer are one transaction.

The claim is a row whose primary key is (owner, key). A second sender of the same key waits on that row inside
PostgreSQL; when the first commits it reads the stored answer, when the first fails it takes the claim itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from sanic import HTTPResponse

from server import db
from server.actor import Actor, Citizen, Staff
from server.db.promises import Claim, Stored
from server.errors import InvalidInput, Malformed
from server.kit import clock, wire
from server.web import replies

if TYPE_CHECKING:
    from sanic import Request

    from server.web.uploads import Upload

KEPT = timedelta(hours=72)
HEADER = "idempotency-key"
_KEY = re.compile(r"[\x21-\x7e]{8,64}\Z")
_UNGUESSABLE = 22

_CLAIM = (
    "INSERT INTO idempotency_key (owner, key, body_hash, created_at) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (owner, key) DO NOTHING RETURNING true"
)
_STORED = "SELECT body_hash, status, reply_sealed FROM idempotency_key WHERE owner = $1 AND key = $2"
_KEEP = "UPDATE idempotency_key SET status = $3, reply_sealed = $4 WHERE owner = $1 AND key = $2"
_PURGE = (
    "DELETE FROM idempotency_key WHERE ctid = ANY(ARRAY("
    "SELECT ctid FROM idempotency_key WHERE created_at < $1 LIMIT 5000))"
)


class _Queues:
    """Same keys within this process wait here rather than each on a connection of the pool."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def turn(self, claim: Claim) -> AsyncIterator[None]:
        name = (claim.owner, claim.key)
        lock, users = self._waiting.get(name, (asyncio.Lock(), 0))
        self._waiting[name] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            users = self._waiting[name][1] - 1
            if users:
                self._waiting[name] = (lock, users)
            else:
                del self._waiting[name]


_queues = _Queues()


def claim_of(request: Request, actor: Actor, upload: Upload | None) -> Claim:
    """Read the key and fingerprint of a deed. Raises Malformed."""
    key = request.headers.get(HEADER)
    if key is None:
        raise Malformed("idempotency_key_missing")
    if not _KEY.match(key):
        raise Malformed("idempotency_key_malformed")
    owner = _owner(actor)
    if owner == "anyone" and len(key) < _UNGUESSABLE:
        # Nobody is logged in, so only an unguessable key keeps one stranger's answer from another.
        raise Malformed("idempotency_key_malformed")
    return Claim(owner=owner, key=key, fingerprint=_fingerprint(request, upload))


async def once(claim: Claim, deed: Callable[[], Awaitable[HTTPResponse]]) -> HTTPResponse:
    """Do the deed, or give the answer it had. Raises InvalidInput when the key belonged to another deed."""
    async with _queues.turn(claim), db.tx():
        replayed = await begin(claim)
        if replayed is not None:
            return replay(replayed)
        response = await deed()
        await finish(claim, Stored(response.status, response.body or b""))
        return response


async def kept(claim: Claim, deed: Callable[[], Awaitable[object]]) -> Stored:
    """Do a deed whose handler has taken the claim itself, and answer 200. Raises as `once`."""
    async with _queues.turn(claim), db.tx():
        replayed = await begin(claim)
        if replayed is not None:
            return replayed
        answer = Stored(200, wire.encode(await deed()))
        await finish(claim, answer)
        return answer


async def begin(claim: Claim) -> Stored | None:
    """Claim the deed within the open transaction: None means go ahead. Raises InvalidInput."""
    while await db.fetchval(_CLAIM, claim.owner, claim.key, claim.fingerprint, clock.now()) is None:
        stored = await look(claim)
        if stored is not None:
            return stored  # else it was purged between the two statements: claim again
    return None


async def look(claim: Claim) -> Stored | None:
    """Give the answer a deed had, or None when it has not been done. Raises InvalidInput when it was another deed."""
    row = await db.fetchrow(_STORED, claim.owner, claim.key)
    if row is None:
        return None
    if row["body_hash"] != claim.fingerprint:
        raise InvalidInput("idempotency_key_reused")
    body = db.unseal_bytes("idempotency_key", "reply_sealed", claim.row, row["reply_sealed"])
    return Stored(row["status"], body, replayed=True)


async def finish(claim: Claim, answer: Stored) -> None:
    """Store the answer, sealed, within the transaction that did the deed."""
    sealed = db.seal_bytes("idempotency_key", "reply_sealed", claim.row, answer.body)
    await db.execute(_KEEP, claim.owner, claim.key, answer.status, sealed)


def replay(stored: Stored) -> HTTPResponse:
    """Give the stored answer again, and say so."""
    content_type = "application/json" if stored.body else None
    return replies.Answer(stored.body, stored.status, {"idempotency-replayed": "true"}, content_type)


async def purge() -> int:
    """Forget old deeds, some thousands at a time; gives how many."""
    tag = await db.execute(_PURGE, clock.now() - KEPT)
    return int(tag.rpartition(" ")[2])


def _owner(actor: Actor) -> str:
    if isinstance(actor, Citizen):
        return f"citizen:{actor.account_id}"
    if isinstance(actor, Staff):
        return f"staff:{actor.staff_id}"
    return "anyone"


def _fingerprint(request: Request, upload: Upload | None) -> bytes:
    known = hashlib.sha256(f"{request.method} {request.path}?{request.query_string}\n".encode())
    if upload is None:
        known.update(request.body)
    else:
        # The boundary of a multipart body differs each time it is sent; what is in it does not.
        known.update(upload.sha256 + repr((upload.filename, sorted(upload.fields.items()))).encode())
    return known.digest()
