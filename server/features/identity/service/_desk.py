"""Staff log in with a password and an authenticator; sessions live in the database and nowhere else."""

from __future__ import annotations

import asyncio
import hmac
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import argon2
import pyotp

from server import db
from server.actor import Anonymous, Grant, Role, ScopeKind, Staff
from server.db import blind_index
from server.errors import Unauthenticated
from server.features.audit import service as audit
from server.features.identity.models import StaffMember
from server.features.identity.service import _attempts, _staff
from server.features.identity.service._sessions import hashed
from server.kit import clock, ids
from server.kit.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID

PENDING = timedelta(minutes=5)
LIFE = timedelta(hours=12)
IDLE = timedelta(hours=1)
TOTP_SECONDS = 30
TOTP_TRIES = 5
_TRUSTED = timedelta(days=30)
_TOUCH_EVERY = timedelta(minutes=5)
_TOKEN_BITS = 256
_LONGEST_TOKEN = 64

_OPEN = """
INSERT INTO staff_session (id, created_at, staff_id, token_hash, source_index, stage, seen_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $2, $7)
"""
_TRY = """
UPDATE staff_session SET tries = tries + 1
WHERE token_hash = $1 AND stage = 'password' AND ended_at IS NULL AND expires_at > $2 AND tries < $3
RETURNING id, staff_id
"""
_USE_STEP = "UPDATE staff SET totp_step = $2 WHERE id = $1 AND totp_step < $2 AND disabled_at IS NULL RETURNING true"
_END = """
UPDATE staff_session SET ended_at = $2 WHERE token_hash = $1 AND ended_at IS NULL RETURNING staff_id
"""
_KNOWN_SOURCE = """
SELECT EXISTS (SELECT 1 FROM staff_session WHERE staff_id = $1 AND source_index = $2 AND stage = 'open'
    AND created_at > $3)
"""
_RESOLVE = """
SELECT session.id, session.staff_id, session.seen_at, staff.name_sealed,
    (SELECT coalesce(array_agg(role || '|' || kind || '|' || scope ORDER BY created_at), '{}')
        FROM staff_grant WHERE staff_id = staff.id AND ended_at IS NULL) AS grants
FROM staff_session AS session JOIN staff ON staff.id = session.staff_id
WHERE session.token_hash = $1 AND session.stage = 'open' AND session.ended_at IS NULL AND session.expires_at > $2
    AND session.seen_at > $3 AND staff.disabled_at IS NULL
"""


async def staff_login(username: str, password: str, *, address: str = "") -> str:
    """Take the password; gives a token that only serves `staff_verify_totp`, for five minutes.

    Raises Unauthenticated `identity.login_failed`, the same for an unknown name, a wrong password and a disabled
    account; TooMany while the account or the address has to wait.
    """
    name = username.strip().lower()
    member = await StaffMember.get_or_none(username=name)
    await charge(member, name, address)
    good = await matches(None if member is None else member.password_hash, password)
    if member is None or not good or member.disabled_at is not None:
        if member is not None:
            await audit.record(Anonymous(), "identity.staff_login_failed", "staff", member.id)
        raise Unauthenticated("identity.login_failed")
    await _refund(name, address)
    if member.enrol_until is not None and member.enrol_until <= clock.now():
        raise Unauthenticated("identity.first_password_old")
    return await _begin(member.id, address, "password", PENDING)


async def staff_verify_totp(pending: str, code: str, *, address: str = "") -> str:
    """Take the authenticator's code; gives the session's token. A code works once, half a minute around its own.

    Raises Unauthenticated: `identity.totp_wrong`, or `identity.login_expired` after five tries or five minutes.
    """
    row = await db.fetchrow(_TRY, hashed(pending), clock.now(), TOTP_TRIES)
    if row is None:
        raise Unauthenticated("identity.login_expired")
    member = await StaffMember.get(id=row["staff_id"])
    if member.enrol_until is not None:
        raise Unauthenticated("identity.login_expired")  # a first password opens nothing but `enrol`
    await charge(member, member.username, address)
    async with db.tx():
        await use_code(member, code)
        await db.execute(_END, hashed(pending), clock.now())
        token = await begin(member.id, address)
        actor = Staff(staff_id=member.id, session_id=row["id"], address=address)
        await audit.record(actor, "identity.staff_logged_in", "staff", member.id)
    await _attempts.clear(_attempts.STAFF_ACCOUNT, member.username)
    await _attempts.refund(_attempts.STAFF_SOURCE, address)
    return token


async def count_try(pending: str) -> UUID:
    """Count one code typed for a password just given; gives that session's id. Raises Unauthenticated."""
    row = await db.fetchrow(_TRY, hashed(pending), clock.now(), TOTP_TRIES)
    if row is None:
        raise Unauthenticated("identity.login_expired")
    found: UUID = row["id"]
    return found


async def use_code(member: StaffMember, code: str) -> None:
    """Use up an authenticator's code, in the caller's transaction. Raises Unauthenticated."""
    step = _step(member.totp, code.replace(" ", ""))
    if step is None or await db.fetchval(_USE_STEP, member.id, step) is None:
        raise Unauthenticated("identity.totp_wrong")


async def begin(staff_id: UUID, address: str) -> str:
    """Open a session of a working day; gives its token."""
    return await _begin(staff_id, address, "open", LIFE)


async def staff_logout(token: str) -> None:
    """End a session; the next request with it is refused on every process."""
    await db.execute(_END, hashed(token), clock.now())


async def resolve_staff(cookie: str) -> Staff | None:
    """Give the member of staff whose live session the cookie opens, with the grants of this very moment, or None."""
    if not cookie or len(cookie) > _LONGEST_TOKEN:
        return None
    now = clock.now()
    row = await db.fetchrow(_RESOLVE, hashed(cookie), now, now - IDLE)
    if row is None:
        return None
    if now - row["seen_at"] > _TOUCH_EVERY:
        await db.execute("UPDATE staff_session SET seen_at = $2 WHERE id = $1 AND seen_at < $2", row["id"], now)
    return Staff(
        staff_id=row["staff_id"],
        session_id=row["id"],
        name=db.unseal("staff", "name_sealed", row["staff_id"], row["name_sealed"]),
        grants=tuple(_grant(text) for text in row["grants"]),
    )


async def charge(member: StaffMember | None, name: str, address: str) -> None:
    """Count an attempt. From where somebody has lately been let in, strangers' failures cost them no wait."""
    await _attempts.charge(_attempts.STAFF_SOURCE, address)
    if member is not None:
        source = blind_index("staff.source", address)
        if await db.fetchval(_KNOWN_SOURCE, member.id, source, clock.now() - _TRUSTED):
            return
    await _attempts.charge(_attempts.STAFF_ACCOUNT, name)


async def _refund(name: str, address: str) -> None:
    await _attempts.refund(_attempts.STAFF_SOURCE, address)
    await _attempts.refund(_attempts.STAFF_ACCOUNT, name)


async def _begin(staff_id: UUID, address: str, stage: str, life: timedelta) -> str:
    token, now = ids.token(_TOKEN_BITS), clock.now()
    source = blind_index("staff.source", address)
    await db.execute(_OPEN, new_id(), now, staff_id, hashed(token), source, stage, now + life)
    return token


async def matches(known: str | None, password: str) -> bool:
    """Say whether a password is the one, beside the loop: it is made to take long."""
    return await asyncio.to_thread(_matches, known, password)


def _matches(known: str | None, password: str) -> bool:
    # An unknown username is compared with a decoy, so that its refusal takes as long as any other.
    try:
        return _staff.hasher.verify(known or _decoy(_staff.hasher), password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


@cache
def _decoy(hasher: argon2.PasswordHasher) -> str:
    return hasher.hash(ids.token())


def _step(secret: str, code: str) -> int | None:
    """Tell which half minute a code belongs to: this one, the one before or the one after (RFC 6238, § 5.2)."""
    now = int(clock.now().timestamp()) // TOTP_SECONDS
    totp = pyotp.TOTP(secret, interval=TOTP_SECONDS)
    found = None
    for step in (now - 1, now, now + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()):
            found = step
    return found


def _grant(text: str) -> Grant:
    role, kind, scope = text.split("|")
    return Grant(Role(role), ScopeKind(kind), scope)
