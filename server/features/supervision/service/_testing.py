"""Walking a flow as a test person (走流程): a code that works once logs a phone in as nobody real.

The person is made with the first code. What they do carries their mark and stands in no figure (decision 0097).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from server import db
from server.actor import Actor, Role, Staff, System
from server.errors import Conflict, Gone
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.supervision.models import Walk
from server.features.supervision.schemas import WalkPolicy
from server.features.supervision.service._walking import close_walk, locked, number_of
from server.features.thread import service as thread
from server.kit import clock

# Long enough to take out a phone; nobody who finds the picture later gets in.
CODE_LASTS = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class CodeShown:
    """A code a phone may be logged in with just now, until when."""

    token: str
    until: datetime


@db.transactional
async def show_code(actor: Staff, walk_id: UUID) -> None:
    """Make another code for a phone; the one before works no longer. Raises NotFound, Conflict `supervision.walk_over`.

    The first one makes the test person of the walk.
    """
    row = await locked(actor, walk_id)
    if row.ended_at is not None:
        raise Conflict("supervision.walk_over")
    if row.person_id is None:
        row.person_id = await identity.make_test_person(number_of(row), actor.locale)
        await row.save(update_fields=["person_id"])
    await thread.revoke_codes(thread.CodeKind.WALK, row.id)
    await thread.issue_code(thread.CodeKind.WALK, row.id, expires=clock.now() + CODE_LASTS)
    await audit.record(actor, "supervision.walk_code", "walk", row.id, person_id=row.person_id)


async def code_shown(actor: Staff, walk_id: UUID) -> CodeShown | None:
    """Give the code of one of one's own walks that a phone may still use, if there is one."""
    if not await Walk.of(actor.staff_id).filter(id=walk_id, ended_at=None).exists():
        return None
    found = await thread.last_code(thread.CodeKind.WALK, walk_id)
    if found is None or found.used_at is not None or found.expires_at is None:
        return None
    return CodeShown(found.token, found.expires_at)


@db.transactional
async def end_walk(actor: Staff, walk_id: UUID) -> None:
    """End a walk before its last step; ending it twice is once. Raises NotFound."""
    row = await locked(actor, walk_id)
    if row.ended_at is None:
        await close_walk(actor, row)


async def sees_walks(actor: Staff, region_code: str) -> bool:
    """Say whether somebody at a desk is shown that a matter is a test person's: where nobody knows, more is found."""
    if actor.has(Role.HALL_MANAGER, Role.SUPERVISOR):
        return True
    return (await catalogue.policy(WalkPolicy, region_code)).shown_to_all


async def end_forgotten() -> int:
    """End the walks of test persons that nobody has ended for a month; gives how many."""
    before = clock.now() - FORGOTTEN_AFTER
    return sum([await _forgotten(row.id) for row in await Walk.filter(ended_at=None, created_at__lt=before)])


@db.transactional
async def _forgotten(walk_id: UUID) -> bool:
    row = await Walk.filter(id=walk_id, ended_at=None).select_for_update().get_or_none()
    if row is not None:
        await close_walk(System(name="supervision.end_walks"), row)
    return row is not None


@db.transactional
async def enter_walk(actor: Actor, token: str, device: str) -> identity.LoginOut:
    """Log a phone in as the test person of a walk, once a code.

    Raises NotFound `codes.unknown`, Gone `codes.expired`, `codes.used`, `supervision.walk_over`.
    """
    found = await thread.resolve_code(token, thread.CodeKind.WALK)
    row = await Walk.filter(id=found.subject_id).select_for_update().get()
    await thread.use_code(token, thread.CodeKind.WALK)
    if row.ended_at is not None or row.person_id is None:
        raise Gone("supervision.walk_over")
    login = await identity.login_walk(actor, row.person_id, device)
    await audit.record(
        actor, "supervision.walk_entered", "walk", row.id, person_id=row.person_id, staff_id=str(row.staff_id)
    )
    return login
