"""The list of staff as an administrator reads it, and one of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from server import db
from server.actor import Grant, Role, ScopeKind, Staff
from server.errors import NotFound
from server.features.identity.models import name_index
from server.features.identity.service import _reaching
from server.features.identity.service._desk import IDLE
from server.kit import clock

if TYPE_CHECKING:
    from asyncpg import Record

State = Literal["active", "waiting", "disabled"]
_BATCH = 200
# Names are sealed, so they are searched by reading; a county has some hundred members of staff, not a million.
_COLUMNS = """
SELECT staff.id, staff.username, staff.name_sealed, staff.created_at, staff.disabled_at, staff.enrol_until,
    (SELECT coalesce(array_agg(role || '|' || kind || '|' || scope ORDER BY created_at, id), '{}')
        FROM staff_grant WHERE staff_id = staff.id AND ended_at IS NULL) AS grants,
    (SELECT max(seen_at) FROM staff_session WHERE staff_id = staff.id AND stage = 'open') AS seen_at
FROM staff
"""
_SOME = """
WHERE ($1::text IS NULL OR EXISTS (SELECT 1 FROM staff_grant WHERE staff_id = staff.id AND ended_at IS NULL
        AND role = $1))
    AND CASE $2::text WHEN 'active' THEN disabled_at IS NULL AND enrol_until IS NULL
        WHEN 'waiting' THEN disabled_at IS NULL AND enrol_until IS NOT NULL
        WHEN 'disabled' THEN disabled_at IS NOT NULL ELSE true END
"""
_BATCHED = f"{_COLUMNS}{_SOME} AND ($3::text IS NULL OR username > $3) ORDER BY username LIMIT {_BATCH}"
_ONE = f"{_COLUMNS} WHERE staff.id = $1"
_SESSIONS = """
SELECT id, created_at, seen_at FROM staff_session
WHERE staff_id = $1 AND stage = 'open' AND ended_at IS NULL AND expires_at > $2 AND seen_at > $3 ORDER BY created_at
"""
_COUNTS = """
SELECT count(*) FILTER (WHERE disabled_at IS NULL AND enrol_until IS NULL) AS active,
    count(*) FILTER (WHERE disabled_at IS NULL AND enrol_until IS NOT NULL) AS waiting,
    count(*) FILTER (WHERE disabled_at IS NOT NULL) AS disabled FROM staff
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLine:
    """One member of staff. `enrol_until`: they have a first password and no authenticator yet."""

    id: UUID
    username: str
    name: str
    grants: tuple[Grant, ...]
    created_at: datetime
    seen_at: datetime | None
    state: State
    enrol_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskSession:
    """One open session of the desk."""

    id: UUID
    created_at: datetime
    seen_at: datetime


async def roster(actor: Staff, *, role: Role | None = None, state: State | None = None) -> list[StaffLine]:
    """List the staff within an administrator's reach, by username: some hundred, as many as a county has."""
    lines = [line async for line in _lines(role, state)]
    return [line for line in lines if await _reaching.reached_by(actor, line.id, line.grants)]


async def _lines(role: Role | None, state: State | None) -> AsyncIterator[StaffLine]:
    after = None
    while rows := await db.fetch(_BATCHED, role.value if role else None, state, after):
        for row in rows:
            yield _line(row)
        after = rows[-1]["username"]


async def staff_member(actor: Staff, staff_id: UUID) -> StaffLine:
    """Look at one member of staff. Raises NotFound, also for somebody out of reach."""
    row = await db.fetchrow(_ONE, staff_id)
    if row is None or not await _reaching.reached_by(actor, staff_id, (line := _line(row)).grants):
        raise NotFound
    return line


async def staff_sessions(staff_id: UUID) -> list[DeskSession]:
    """List somebody's open sessions; the caller has already reached them."""
    now = clock.now()
    return [DeskSession(**row) for row in await db.fetch(_SESSIONS, staff_id, now, now - IDLE)]


async def staff_counts() -> dict[State, int]:
    """Count the staff by what they can do today."""
    row = await db.fetchrow(_COUNTS)
    return {"active": row["active"], "waiting": row["waiting"], "disabled": row["disabled"]} if row else {}


async def staff_labels(ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Give username and name of members of staff, for those who answer for what they did."""
    rows = await db.fetch("SELECT id, username, name_sealed FROM staff WHERE id = ANY($1::uuid[])", ids)
    return {row["id"]: (row["username"], _name(row)) for row in rows}


async def namesake(person_id: UUID, ids: list[UUID]) -> bool:
    """Say whether somebody has the name of one of these members of staff: by what names are found by, not by the names.

    Nothing ties a member of staff to themselves at home, and a namesake is somebody else.
    """
    index = await db.fetchval("SELECT name_index FROM person WHERE id = $1", person_id)
    rows = await db.fetch("SELECT id, name_sealed FROM staff WHERE id = ANY($1::uuid[])", ids)
    return index is not None and any(name_index(_name(row)) == bytes(index) for row in rows)


async def staff_by_username(username: str) -> UUID | None:
    """Find a member of staff, whether or not they still work here."""
    found: UUID | None = await db.fetchval("SELECT id FROM staff WHERE username = $1", username.strip().lower())
    return found


def _name(row: Record) -> str:
    return db.unseal("staff", "name_sealed", row["id"], row["name_sealed"])


def _line(row: Record) -> StaffLine:
    state: State = "active"
    if row["disabled_at"] is not None:
        state = "disabled"
    elif row["enrol_until"] is not None:
        state = "waiting"
    return StaffLine(
        id=row["id"],
        username=row["username"],
        name=_name(row),
        grants=tuple(_grant(text) for text in row["grants"]),
        created_at=row["created_at"],
        seen_at=row["seen_at"],
        state=state,
        enrol_until=row["enrol_until"],
    )


def _grant(text: str) -> Grant:
    role, kind, scope = text.split("|")
    return Grant(Role(role), ScopeKind(kind), scope)


async def staff_in(role: Role) -> list[StaffLine]:
    """List who works here in a role, by username; nobody's reach is asked: the caller says what it is for."""
    return [line async for line in _lines(role, "active")]


def acting(line: StaffLine) -> Staff:
    """Ask as another officer would: to tell how far they reach, never to do anything in their name."""
    return Staff(staff_id=line.id, session_id=line.id, name=line.name, grants=line.grants)
