"""Enterprises: bound by their legal representative, served by clerks whom that person names and dismisses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.identity.models import Account, Enterprise, MemberRole, Membership, phone_index
from server.features.identity.schemas import ClerkOut, ClerksOut, EnterpriseOut, MyEnterpriseOut
from server.features.identity.service import _attempts, _ledger, _members, _outside, _people
from server.kit import checks, clock, masking
from server.ports import Checked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.actor import Citizen
    from server.features.identity.schemas import EnterpriseIn
    from server.ports import IdentityCheck

MOST_CLERKS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseView:
    """An enterprise as other features see it."""

    id: UUID
    name: str
    uscc: str
    legal_person_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedEnterprise:
    """A code and a name as the register has confirmed them."""

    uscc: str
    name: str


async def enterprise(enterprise_id: UUID) -> EnterpriseView:
    """Give one enterprise. Raises NotFound."""
    found = await Enterprise.get_or_none(id=enterprise_id)
    if found is None:
        raise NotFound
    legal = await _legal_person(found.id)
    return EnterpriseView(
        id=found.id, name=found.name, uscc=found.uscc, legal_person_id=None if legal is None else legal.person_id
    )


async def enterprise_names(enterprise_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Give the names of these enterprises by id; none of them is none."""
    wanted = {one for one in enterprise_ids if one is not None}
    return {row.id: row.name for row in await Enterprise.filter(id__in=wanted)} if wanted else {}


async def enterprises_of(person_id: UUID) -> list[MyEnterpriseOut]:
    """List the enterprises a person acts for."""
    rows = await Membership.filter(person_id=person_id, ended_at=None).order_by("created_at")
    known = {row.id: row for row in await Enterprise.filter(id__in=[row.enterprise_id for row in rows])}
    return [
        MyEnterpriseOut(
            id=row.enterprise_id,
            name=known[row.enterprise_id].name,
            uscc=known[row.enterprise_id].uscc,
            role=row.role.value,
        )
        for row in rows
    ]


async def members(enterprise_id: UUID) -> dict[UUID, str | None]:
    """Tell who acts for an enterprise: by person, as what today, None for whoever no longer does; the oldest first."""
    rows = await Membership.filter(enterprise_id=enterprise_id).order_by("created_at")
    today = {row.person_id: row.role.value for row in rows if row.person_id and row.ended_at is None}
    return {row.person_id: today.get(row.person_id) for row in rows if row.person_id}


async def check_enterprise(actor: Citizen, given: EnterpriseIn, checker: IdentityCheck) -> ClaimedEnterprise:
    """Ask the register whether this person is the legal representative, before anything is kept.

    Raises InvalidInput, Conflict `identity.enterprise_not_matched`, Unavailable `identity.check_unavailable`.
    """
    person = await _people.require_person(actor)
    uscc, name = checks.uscc(given.uscc), "".join(given.name.split())
    if uscc is None:
        raise InvalidInput("identity.uscc_invalid", fields=(FieldError("uscc", "uscc"),))
    if not name:
        raise InvalidInput("invalid_input", fields=(FieldError("name", "name_invalid"),))
    await _ledger.require_consent(actor.account_id)
    async with _attempts.counted(_attempts.ENTERPRISE, str(person.id)):
        asking = checker.enterprise(uscc=uscc, name=name, legal_name=person.name, legal_number=person.number)
        if await _outside.checked(asking) is not Checked.MATCH:
            raise Conflict("identity.enterprise_not_matched")
    return ClaimedEnterprise(uscc=uscc, name=name)


async def bind_enterprise(actor: Citizen, claim: ClaimedEnterprise) -> EnterpriseOut:
    """Bind the enterprise the register has just confirmed to its legal representative. Again changes nothing."""
    person = await _people.require_person(actor)
    async with db.tx():
        found = await write_down(claim.uscc, claim.name)
        await _take_over(actor, found, person.id)
    return EnterpriseOut(id=found.id, name=found.name, uscc=found.uscc, role=MemberRole.LEGAL_PERSON.value)


async def clerks(actor: Citizen, enterprise_id: UUID) -> ClerksOut:
    """List the clerks of one's own enterprise. Raises NotFound unless one is its legal representative."""
    await _own(actor, enterprise_id)
    rows = await Membership.filter(enterprise_id=enterprise_id, role=MemberRole.CLERK, ended_at=None).order_by(
        "created_at"
    )
    return ClerksOut(items=await _shown(rows))


async def authorise_clerk(actor: Citizen, enterprise_id: UUID, phone: str) -> ClerkOut:
    """Name a clerk by number. They act once they have verified their name; naming them again changes nothing."""
    number = checks.mobile(phone)
    if number is None:
        raise InvalidInput("invalid_input", fields=(FieldError("phone", "phone_invalid"),))
    async with db.tx():
        await _own(actor, enterprise_id)
        await Enterprise.filter(id=enterprise_id).select_for_update().get()
        index = phone_index(number)
        live = Membership.filter(enterprise_id=enterprise_id, ended_at=None)
        known = await live.get_or_none(phone_index=index)
        if known is None:
            known = await _name(actor, enterprise_id, number, await live.filter(role=MemberRole.CLERK).count())
    return (await _shown([known]))[0]


async def dismiss_clerk(actor: Citizen, enterprise_id: UUID, clerk_id: UUID) -> None:
    """Take a clerk's authority back, at once. Raises NotFound."""
    async with db.tx():
        await _own(actor, enterprise_id)
        ended = await Membership.filter(
            id=clerk_id, enterprise_id=enterprise_id, role=MemberRole.CLERK, ended_at=None
        ).update(ended_at=clock.now())
        if not ended:
            raise NotFound
        await audit.record(actor, "identity.clerk_dismissed", "membership", clerk_id)


async def _own(actor: Citizen, enterprise_id: UUID) -> None:
    legal = await _legal_person(enterprise_id)
    if legal is None or actor.person_id is None or legal.person_id != actor.person_id:
        raise NotFound


async def _legal_person(enterprise_id: UUID) -> Membership | None:
    return await Membership.get_or_none(enterprise_id=enterprise_id, role=MemberRole.LEGAL_PERSON, ended_at=None)


async def write_down(uscc: str, name: str) -> Enterprise:
    """Find or add an enterprise the register has just confirmed, in the caller's transaction."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 5))", uscc)
    found = await Enterprise.get_or_none(uscc=uscc) or Enterprise(uscc=uscc)
    found.name = name
    found.verified_at = clock.now()
    await found.save()
    return found


async def _take_over(actor: Citizen, found: Enterprise, person_id: UUID) -> None:
    """Make the person the one legal representative; the register has just said that the former is no longer."""
    legal = await _legal_person(found.id)
    if legal is not None and legal.person_id == person_id:
        return
    now = clock.now()
    former = Membership.filter(enterprise_id=found.id, ended_at=None)
    await former.filter(role=MemberRole.LEGAL_PERSON).update(ended_at=now)
    await former.filter(person_id=person_id).update(ended_at=now)
    new = Membership(enterprise_id=found.id, role=MemberRole.LEGAL_PERSON, person_id=person_id)
    await new.save()
    await audit.record(actor, "identity.enterprise_bound", "enterprise", found.id, person_id=person_id)


async def _name(actor: Citizen, enterprise_id: UUID, number: str, already: int) -> Membership:
    if already >= MOST_CLERKS:
        raise Conflict("identity.too_many_clerks", most=MOST_CLERKS)
    clerk = Membership(enterprise_id=enterprise_id, role=MemberRole.CLERK, authorised_by=actor.person_id)
    clerk.phone = number
    clerk.phone_index = phone_index(number)
    await clerk.save()
    await audit.record(actor, "identity.clerk_authorised", "membership", clerk.id)
    account = await Account.get_or_none(phone_index=clerk.phone_index)
    if account is not None and account.person_id == actor.person_id:
        raise Conflict("identity.own_clerk")
    if account is not None and account.phone_is_fresh:
        await _members.welcome(account)
    named = await Membership.get(id=clerk.id)
    if named.ended_at is not None:
        raise Conflict("identity.already_member")
    return named


async def _shown(rows: list[Membership]) -> list[ClerkOut]:
    people = await _people.people([row.person_id for row in rows if row.person_id is not None])
    return [
        ClerkOut(
            id=row.id,
            phone=masking.phone(row.phone or ""),
            name=masking.name(people[row.person_id].name) if row.person_id in people else None,
            state="active" if row.person_id is not None else "waiting",
            since=row.created_at,
        )
        for row in rows
    ]
