"""What a person asks about their own data."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from server import db
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.identity import service as identity
from server.features.privacy.models import DataRequest, Wish, WishState
from server.features.privacy.schemas import ErasureOut, MyDataOut
from server.kit import clock

if TYPE_CHECKING:
    from uuid import UUID

    from server.actor import Citizen

DAY = 86_400
MOST_EXPORTS = 3

_OPEN = "SELECT count(*) FROM thread WHERE person_id = $1 AND state = 'open'"
# What the archives law keeps under the person's name: decided applications with their notices, and certificates.
_KEPT = """
SELECT 'cases' WHERE EXISTS (SELECT 1 FROM case_record WHERE (person_id = $1 OR agent_id = $1) AND state <> 'draft')
UNION ALL SELECT 'certificates' WHERE EXISTS (SELECT 1 FROM certificate WHERE person_id = $1)
UNION ALL SELECT 'enterprises' WHERE EXISTS (
    SELECT 1 FROM membership WHERE person_id = $1 AND role = 'legal_person' AND ended_at IS NULL)
"""


async def mine(actor: Citizen) -> MyDataOut:
    """Show what I may do about my data, and how far my wish to be forgotten is."""
    person = await identity.require_person(actor)
    last = await DataRequest.filter(person_id=person.id, kind=Wish.ERASURE).order_by("-created_at").first()
    return MyDataOut(
        erasure=None if last is None else ErasureOut(state=last.state.value, at=last.moved_at, reason=last.reason),
        open_matters=await open_matters(person.id),
        kept=await kept(person.id),
        exports_left=await exports_left(person.id),
    )


async def ask_erasure(actor: Citizen) -> MyDataOut:
    """Ask to be forgotten; asking again changes nothing. Raises Conflict `privacy.matters_open`."""
    person = await identity.require_person(actor)
    async with db.tx():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 7))", str(person.id))
        waiting = DataRequest.filter(person_id=person.id, kind=Wish.ERASURE, state=WishState.ASKED)
        if not await waiting.exists():
            await refuse_open(person.id)
            wish = DataRequest(person_id=person.id, kind=Wish.ERASURE, state=WishState.ASKED)
            await wish.save()
            await audit.record(actor, "privacy.erasure_asked", "data_request", wish.id, person_id=person.id)
    return await mine(actor)


async def withdraw_erasure(actor: Citizen) -> MyDataOut:
    """Stay, after all. Raises NotFound when nothing waits."""
    person = await identity.require_person(actor)
    async with db.tx():
        waiting = DataRequest.filter(person_id=person.id, kind=Wish.ERASURE, state=WishState.ASKED)
        if not await waiting.update(state=WishState.WITHDRAWN, moved_at=clock.now()):
            raise NotFound
        await audit.record(actor, "privacy.erasure_withdrawn", "person", person.id, person_id=person.id)
    return await mine(actor)


async def open_matters(person_id: UUID) -> int:
    """Count what is not finished."""
    count: int = await db.fetchval(_OPEN, person_id)
    return count


async def kept(person_id: UUID) -> list[str]:
    """List what the law keeps under the person's name."""
    return [row[0] for row in await db.fetch(_KEPT, person_id)]


async def refuse_open(person_id: UUID) -> None:
    """Raise Conflict while anything is not finished: nobody could be told how it ends."""
    count = await open_matters(person_id)
    if count:
        raise Conflict("privacy.matters_open", count=count)


async def exports_left(person_id: UUID) -> int:
    """Count how often a copy may still be had today."""
    since = clock.now() - timedelta(days=1)
    done = await DataRequest.filter(person_id=person_id, kind=Wish.EXPORT, created_at__gt=since).count()
    return max(0, MOST_EXPORTS - done)
