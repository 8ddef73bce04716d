"""How far an administrator's hand reaches: over grants within their own scope, and over whoever has only such."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.actor import Grant, Role, ScopeKind, Staff
from server.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from server.features.identity.models import StaffGrant, StaffMember
from server.features.identity.service._parties import Reach, reach

if TYPE_CHECKING:
    from server.actor import Actor

Located = Callable[[ScopeKind, UUID], Awaitable[str | None]]

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('identity.administrators', 6))"
_LEFT = """
SELECT EXISTS (SELECT 1 FROM staff JOIN staff_grant ON staff_grant.staff_id = staff.id
    WHERE staff.disabled_at IS NULL AND staff.enrol_until IS NULL AND staff_grant.ended_at IS NULL
        AND staff_grant.role = 'administrator')
"""
_known: list[Located] = []


def located_by(tell: Located) -> Located:
    """Register what knows in which region a hall or a department lies; halls are not identity's to read."""
    _known.append(tell)
    return tell


async def covers(within: Reach, given: Grant) -> bool:
    """Say whether a grant lies within reach. Raises InvalidInput for a hall or a department that does not exist."""
    if given.kind is ScopeKind.REGION:
        return within.hall_ids is None or within.covers_region(given.scope)
    place = UUID(given.scope)
    found = [code for tell in _known if (code := await tell(given.kind, place)) is not None]
    if not found:
        raise InvalidInput("identity.grant_scope", fields=(FieldError("scope", "bad_format"),))
    if within.hall_ids is None:
        return True
    named = within.covers_hall if given.kind is ScopeKind.HALL else within.covers_department
    return named(place, found[0])


async def may_grant(actor: Actor, given: Grant) -> None:
    """Let an administrator give what lies within their own scope, and the product itself anything. Raises Forbidden."""
    if isinstance(actor, Staff) and not await covers(await reach(actor, Role.ADMINISTRATOR), given):
        raise Forbidden("forbidden")


async def managed(actor: Actor, staff_id: UUID) -> StaffMember:
    """Reach a member of staff and hold the row: somebody out of an administrator's scope looks absent."""
    member = await StaffMember.filter(id=staff_id).select_for_update().get_or_none()
    if member is None or (
        isinstance(actor, Staff) and not await reached_by(actor, staff_id, await grants_of(staff_id))
    ):
        raise NotFound
    return member


async def grants_of(staff_id: UUID) -> list[Grant]:
    """List what somebody has been granted and still has."""
    return _read(await StaffGrant.filter(staff_id=staff_id, ended_at=None).order_by("created_at", "id"))


async def reached_by(actor: Staff, staff_id: UUID, grants: Iterable[Grant]) -> bool:
    """Say whether an administrator reaches somebody with these grants; who has none left is reached by the last."""
    last = list(grants) or _read(await StaffGrant.filter(staff_id=staff_id).order_by("-ended_at").limit(1))
    own = await reach(actor, Role.ADMINISTRATOR)
    if own.hall_ids is None:
        return True
    return bool(last) and all([await covers(own, one) for one in last])


def _read(rows: Iterable[StaffGrant]) -> list[Grant]:
    return [Grant(Role(row.role), ScopeKind(row.kind), row.scope) for row in rows]


async def hold_administrators() -> None:
    """Wait for whoever else is taking an administrator away, in the caller's transaction."""
    await db.execute(_LOCK)


async def keep_one() -> None:
    """Refuse a deed that has left nobody who could undo it. Called under `hold_administrators`."""
    if not await db.fetchval(_LEFT):
        raise Conflict("identity.last_administrator")
