"""Sessions of phones: begun by a login, known by a token of which only the hash is kept, ended within a second."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.actor import Citizen
from server.errors import NotFound
from server.features.audit import service as audit
from server.features.identity.models import Account, Channel, Session
from server.kit import clock, ids
from server.kit.batching import Batcher

if TYPE_CHECKING:
    from asyncpg import Record

LIFE = timedelta(days=180)
IDLE = timedelta(days=60)
_TOUCH_EVERY = timedelta(minutes=10)
_TOKEN_BITS = 256
_LONGEST_TOKEN = 64
_REMEMBER_SECONDS = 0.5
_MOST_REMEMBERED = 20_000

_RESOLVE = """
SELECT known.token_hash, known.id, known.account_id, known.seen_at, account.person_id
FROM unnest($1::bytea[]) AS asked (token_hash)
JOIN LATERAL (SELECT token_hash, id, account_id, seen_at FROM session WHERE session.token_hash = asked.token_hash
    AND ended_at IS NULL AND expires_at > $2 AND seen_at > $3 LIMIT 1) AS known ON true
JOIN LATERAL (SELECT person_id FROM account WHERE account.id = known.account_id AND disabled_at IS NULL LIMIT 1)
    AS account ON true
"""
# Every request of somebody logged in comes by here: it waits for none of the pool's connections.
_lane = db.Lane()


@dataclass(frozen=True, slots=True)
class _Remembered:
    actor: Citizen
    until: float


# A token just looked up is not looked up again for half a second: a screen's requests come in a burst. So a session
# ended on another process ends here within that time, with nobody having to tell us. Only verified people are
# remembered: whoever has just given their real name must not be taken for nobody by another process.
_remembered: dict[bytes, _Remembered] = {}


def hashed(token: str) -> bytes:
    """Hash a token; it has 256 random bits, so nothing slower is needed."""
    return hashlib.sha256(token.encode()).digest()


async def begin(
    account_id: UUID, channel: Channel, device: str, *, phone: str | None = None, life: timedelta = LIFE
) -> tuple[str, Session]:
    """Open a session; gives the token, which is never seen again, and the row."""
    token, now = ids.token(_TOKEN_BITS), clock.now()
    session = Session(
        account_id=account_id,
        token_hash=hashed(token),
        channel=channel,
        device=device,
        created_at=now,
        seen_at=now,
        expires_at=now + life,
    )
    session.phone = phone
    await session.save()
    return token, session


async def resolve_bearer(token: str) -> Citizen | None:
    """Give the citizen whose live session the token opens, or None."""
    if not token or len(token) > _LONGEST_TOKEN:
        return None
    key = hashed(token)
    known = _remembered.get(key)
    if known is not None and known.until > time.monotonic():
        return known.actor
    row = await _lookups.ask(key)
    now = clock.now()
    if row is None:
        _remembered.pop(key, None)
        return None
    if now - row["seen_at"] > _TOUCH_EVERY:
        await db.execute("UPDATE session SET seen_at = $2 WHERE id = $1 AND seen_at < $2", row["id"], now)
    actor = Citizen(account_id=row["account_id"], session_id=row["id"], person_id=row["person_id"])
    if actor.person_id is not None:
        _remember(key, actor)
    return actor


async def _look_up(keys: list[bytes]) -> list[Record | Exception | None]:
    now = clock.now()
    found = {bytes(row["token_hash"]): row for row in await _lane.fetch(_RESOLVE, keys, now, now - IDLE)}
    return [found.get(key) for key in keys]


# A crowd that comes at once is known by one statement.
_lookups: Batcher[bytes, Record | None] = Batcher(_look_up)


async def end_session(actor: Citizen, session_id: UUID) -> None:
    """End one of my own sessions, this one or another device's. Raises NotFound."""
    async with db.tx():
        ended = await Session.filter(id=session_id, account_id=actor.account_id, ended_at=None).update(
            ended_at=clock.now()
        )
        if not ended:
            raise NotFound
        await audit.record(actor, "identity.session_ended", "session", session_id, person_id=actor.person_id)
    forget_account(actor.account_id)


async def end_others(actor: Citizen) -> int:
    """End every session of mine but this one, on all logins that are mine; gives how many."""
    async with db.tx():
        mine = [actor.account_id]
        if actor.person_id is not None:
            mine += [one.id for one in await Account.filter(person_id=actor.person_id)]
        ended = (
            await Session.filter(account_id__in=mine, ended_at=None)
            .exclude(id=actor.session_id)
            .update(ended_at=clock.now())
        )
        await audit.record(actor, "identity.sessions_ended", "account", actor.account_id, person_id=actor.person_id)
    for account_id in mine:
        forget_account(account_id)
    return ended


async def logout(actor: Citizen) -> None:
    """End the session this request came with."""
    await end_session(actor, actor.session_id)


def forget_account(account_id: UUID) -> None:
    """Look the account's tokens up again at their next use."""
    for key in [key for key, known in _remembered.items() if known.actor.account_id == account_id]:
        del _remembered[key]


def _remember(key: bytes, actor: Citizen) -> None:
    now = time.monotonic()
    if len(_remembered) >= _MOST_REMEMBERED:
        for old in [old for old, known in _remembered.items() if known.until <= now]:
            del _remembered[old]
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
    _remembered[key] = _Remembered(actor, now + _REMEMBER_SECONDS)
