"""Tokens behind QR codes: random, of one kind, ending by time, by use or by decision. Looking never uses one up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.errors import Gone, NotFound
from server.features.thread.models import CodeKind
from server.features.thread.schemas import CodeView
from server.kit import clock
from server.kit.ids import token as new_token

if TYPE_CHECKING:
    from asyncpg import Record

KEPT = timedelta(days=180)
# A shown certificate makes a code every half minute, a hall's screen one a minute; nothing printed has one.
KEPT_SHOWN = timedelta(days=1)

# Joins to `asked (token)`: what a code of one {kind} opens, for a statement that serves many.
CODE_OF = """
    LEFT JOIN LATERAL (SELECT subject_id AS code_subject, expires_at AS code_expires, revoked_at AS code_revoked
        FROM code WHERE code.token = asked.token AND code.kind = '{kind}' LIMIT 1) AS printed ON true
"""

_ISSUE = "INSERT INTO code (token, created_at, kind, subject_id, thread_id, expires_at) VALUES ($1, $2, $3, $4, $5, $6)"
_FIND = "SELECT token, kind, subject_id, thread_id, expires_at, used_at, revoked_at FROM code WHERE token = $1"
_STANDING = """
    SELECT token FROM code WHERE kind = $1 AND subject_id = $2 AND expires_at IS NULL AND revoked_at IS NULL
    ORDER BY created_at LIMIT 1
"""
_PASSING = """
    SELECT token FROM code WHERE kind = $1 AND subject_id = $2 AND expires_at > $3 AND revoked_at IS NULL
    ORDER BY expires_at DESC LIMIT 1
"""
_LAST = """
    SELECT token, kind, subject_id, thread_id, expires_at, used_at, revoked_at FROM code
    WHERE kind = $1 AND subject_id = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
    ORDER BY created_at DESC LIMIT 1
"""
_REVOKE = "UPDATE code SET revoked_at = $2 WHERE token = $1 AND revoked_at IS NULL"
_REVOKE_ALL = "UPDATE code SET revoked_at = $3 WHERE kind = $1 AND subject_id = $2 AND revoked_at IS NULL"
_FORGET = """
    DELETE FROM code WHERE token IN (SELECT token FROM code
        WHERE expires_at < $2 AND (expires_at < $1 OR kind IN ('certificate', 'door')) LIMIT 10000)
"""
_USE = """
    UPDATE code SET used_at = $2 WHERE token = $1 AND used_at IS NULL AND revoked_at IS NULL
        AND (expires_at IS NULL OR expires_at > $2)
"""


async def issue_code(
    kind: CodeKind | str, subject_id: UUID, *, thread_id: UUID | None = None, expires: datetime | None = None
) -> str:
    """Make a token (128 bits) that opens one subject; without `expires` it lasts until it is revoked."""
    made = new_token()
    await db.execute(_ISSUE, made, clock.now(), CodeKind(kind).value, subject_id, thread_id, expires)
    return made


@db.transactional
async def standing_code(kind: CodeKind | str, subject_id: UUID) -> str:
    """Give the lasting token of a subject, the same one every time: what hangs on a wall must go on working."""
    wanted = CodeKind(kind).value
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"code:{wanted}:{subject_id}")
    found: str | None = await db.fetchval(_STANDING, wanted, subject_id)
    return found or await issue_code(kind, subject_id)


async def passing_code(kind: CodeKind | str, subject_id: UUID, *, lasts: timedelta, every: timedelta) -> str:
    """Give the token a subject shows just now: another one `every` so long, each good for as long as `lasts`."""
    now = clock.now()
    found: str | None = await db.fetchval(_PASSING, CodeKind(kind).value, subject_id, now + lasts - every)
    return found or await issue_code(kind, subject_id, expires=now + lasts)


async def resolve_code(token: str, kind: CodeKind | str | None = None) -> CodeView:
    """Say what a token stands for. Nothing is used up: link previews look, too.

    Raises NotFound `codes.unknown` (also for a kind that was not asked for) and Gone `codes.expired` once it has
    ended by time or decision.
    """
    row = await db.fetchrow(_FIND, token)
    if row is None or (kind is not None and row["kind"] != CodeKind(kind).value):
        raise NotFound("codes.unknown")
    if row["revoked_at"] is not None or (row["expires_at"] is not None and row["expires_at"] <= clock.now()):
        raise Gone("codes.expired")
    return _view(row)


def code_ended(row: Record, now: datetime) -> bool:
    """Say whether the code of a row that has CODE_OF ended by time or decision."""
    return row["code_revoked"] is not None or (row["code_expires"] is not None and row["code_expires"] <= now)


async def use_code(token: str, kind: CodeKind | str) -> CodeView:
    """Use a token up, for codes that work once. Raises as `resolve_code`, and Gone `codes.used` the second time."""
    found = await resolve_code(token, kind)
    if await db.execute(_USE, token, clock.now()) != "UPDATE 1":
        raise Gone("codes.used")
    return found


async def last_code(kind: CodeKind | str, subject_id: UUID) -> CodeView | None:
    """Give the newest code of a subject that still works, if there is one."""
    row = await db.fetchrow(_LAST, CodeKind(kind).value, subject_id, clock.now())
    return None if row is None else _view(row)


async def revoke_code(token: str) -> None:
    """End one token now."""
    await db.execute(_REVOKE, token, clock.now())


async def revoke_codes(kind: CodeKind | str, subject_id: UUID) -> None:
    """End every token of a kind for a subject now."""
    await db.execute(_REVOKE_ALL, CodeKind(kind).value, subject_id, clock.now())


async def forget_codes() -> int:
    """Remove tokens that ended long ago (of shown certificates: a day ago): nothing shown or printed has them now."""
    now = clock.now()
    done = await db.execute(_FORGET, now - KEPT, now - KEPT_SHOWN)
    return int(done.removeprefix("DELETE "))


def _view(row: Record) -> CodeView:
    return CodeView(
        token=row["token"],
        kind=CodeKind(row["kind"]),
        subject_id=row["subject_id"],
        thread_id=row["thread_id"],
        expires_at=row["expires_at"],
        used_at=row["used_at"],
    )
