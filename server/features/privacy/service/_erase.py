"""Being forgotten, as far as no law keeps somebody named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.identity import service as identity
from server.features.privacy.messages import ErasureDeclined
from server.features.privacy.models import DataRequest, Wish, WishState
from server.features.privacy.schemas import ErasureRow
from server.features.privacy.service import _wishes
from server.features.push import service as push
from server.kit import clock, masking

if TYPE_CHECKING:
    from uuid import UUID

    from server.actor import Actor

_UNSEND = """
DELETE FROM outbox WHERE inbox_id IN (SELECT id FROM inbox WHERE person_id = $1 OR account_id = ANY($2))
"""
_END_MANDATES = """
UPDATE mandate SET state = 'ended', ended_at = now(), moved_at = now(), reason_sealed = NULL
WHERE (person_id = $1 OR agent_id = $1) AND ended_at IS NULL AND $2::uuid[] IS NOT NULL
"""
_END_MEMBERSHIPS = """
UPDATE membership SET ended_at = now(), phone_sealed = NULL, phone_index = NULL
WHERE person_id = $1 AND ended_at IS NULL AND role = 'clerk' AND $2::uuid[] IS NOT NULL
"""
# A picture may show who took it, or theirs.
_HIDE_PICTURES = """
UPDATE file SET exhibit_of = NULL WHERE exhibit_of IN (
    SELECT id FROM rating WHERE account_id = ANY($2) AND $1::uuid IS NOT NULL
    UNION ALL SELECT id FROM complaint WHERE account_id = ANY($2))
"""
_LEAVE_LINES = """
UPDATE waitlist SET state = 'left' WHERE person_id = $1 AND state = 'waiting' AND $2::uuid[] IS NOT NULL
"""
_APPEALS = """
DELETE FROM appeal WHERE booking_id IN (SELECT id FROM booking WHERE person_id = $1) AND $2::uuid[] IS NOT NULL
"""
# In this order, for what refers to what. Drafts were never handed in; messages have been read; a visit that led to
# nothing is no archive. Words of a rating stay with it, without whose they were.
_FORGET = (
    ("messages", "DELETE FROM outbox WHERE person_id = $1 OR account_id = ANY($2)"),
    ("messages", _UNSEND),
    ("messages", "DELETE FROM inbox WHERE person_id = $1 OR account_id = ANY($2)"),
    ("pictures", _HIDE_PICTURES),
    ("ratings", "UPDATE rating SET account_id = NULL WHERE account_id = ANY($2) AND $1::uuid IS NOT NULL"),
    ("mandates", _END_MANDATES),
    ("memberships", _END_MEMBERSHIPS),
    ("waiting", _LEAVE_LINES),
    ("appeals", _APPEALS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """How it went: rows forgotten by kind, what stays under the name by law, and whether the name itself is gone."""

    forgotten: dict[str, int]
    kept: list[str]
    unnamed: bool


async def requests(staff: Staff) -> list[ErasureRow]:
    """List who asked to be forgotten, the oldest first. Raises Forbidden."""
    await _require_county(staff)
    waiting = await DataRequest.filter(kind=Wish.ERASURE, state=WishState.ASKED).order_by("created_at").limit(100)
    people = await identity.people([row.person_id for row in waiting])
    async with db.tx():
        for row in waiting:
            await audit.record(staff, "privacy.viewed", "data_request", row.id, person_id=row.person_id)
    return [
        ErasureRow(
            id=row.id,
            person=masking.name(people[row.person_id].name),
            document=masking.document(people[row.person_id].number),
            at=row.created_at,
            open_matters=await _wishes.open_matters(row.person_id),
            kept=await _wishes.kept(row.person_id),
        )
        for row in waiting
    ]


async def erase(actor: Actor, person_id: UUID) -> Erased:
    """Forget a person. Raises Forbidden; NotFound; Conflict `privacy.matters_open` while anything is not finished."""
    if isinstance(actor, Staff):
        await _require_county(actor)
    async with db.tx():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 7))", str(person_id))
        await identity.person(person_id)
        await _wishes.refuse_open(person_id)
        kept = await _wishes.kept(person_id)
        accounts = [row["id"] for row in await db.fetch("SELECT id FROM account WHERE person_id = $1", person_id)]
        forgotten: dict[str, int] = {}
        for kind, sql in _FORGET:
            tag = await db.execute(sql, person_id, accounts)
            forgotten[kind] = forgotten.get(kind, 0) + int(tag.rpartition(" ")[2])
        forgotten["logins"] = await identity.forget_person(person_id, unnamed=not kept)
        await DataRequest.filter(person_id=person_id, kind=Wish.ERASURE, state=WishState.ASKED).update(
            state=WishState.DONE, moved_at=clock.now()
        )
        await audit.record(
            actor, "privacy.erased", "person", person_id, person_id=person_id, kept=",".join(kept) or "-"
        )
    return Erased(forgotten=forgotten, kept=kept, unnamed=not kept)


async def person_of(request_id: UUID) -> UUID:
    """Tell who asked. Raises NotFound; Conflict `privacy.settled` when it does not wait any more."""
    wish = await DataRequest.get_or_none(id=request_id, kind=Wish.ERASURE)
    if wish is None:
        raise NotFound
    if wish.state is not WishState.ASKED:
        raise Conflict("privacy.settled")
    return wish.person_id


async def decline(staff: Staff, request_id: UUID, reason: str) -> None:
    """Say why somebody cannot be forgotten now; they are told. Raises Forbidden, NotFound, Conflict, InvalidInput."""
    await _require_county(staff)
    if not reason.strip():
        raise InvalidInput("invalid_input", fields=(FieldError("reason", "required"),))
    async with db.tx():
        wish = await DataRequest.filter(id=request_id, kind=Wish.ERASURE).select_for_update().get_or_none()
        if wish is None:
            raise NotFound
        if wish.state is not WishState.ASKED:
            raise Conflict("privacy.settled")
        wish.state, wish.moved_at, wish.reason = WishState.DECLINED, clock.now(), reason.strip()
        await wish.save()
        await audit.record(staff, "privacy.erasure_declined", "data_request", wish.id, person_id=wish.person_id)
        await push.send(ErasureDeclined(), to=push.To(person_id=wish.person_id), dedupe=str(wish.id))


async def _require_county(staff: Staff) -> None:
    """A person is nobody's hall's: only whoever administers everything may forget one."""
    if (await identity.reach(staff, Role.ADMINISTRATOR)).hall_ids is not None:
        raise Forbidden("privacy.whole_county")
