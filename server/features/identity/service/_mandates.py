"""Acting for somebody else: today a guardian for a child, until the child is of age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tortoise.expressions import Q

from server import db
from server.errors import Conflict, Forbidden, NotFound
from server.features.audit import service as audit
from server.features.identity.models import ADULT_YEARS, DocumentKind, Mandate, Person, Relation, birthday
from server.features.identity.schemas import MandateOut, RepresentedOut
from server.features.identity.service import _attempts, _ledger, _people
from server.kit import clock, masking

if TYPE_CHECKING:
    from uuid import UUID

    from server.actor import Citizen
    from server.features.identity.schemas import MandateIn
    from server.features.identity.service._people import Claimed
    from server.ports import IdentityCheck


async def check_child(actor: Citizen, given: MandateIn, checker: IdentityCheck) -> Claimed:
    """Ask the authority about a child's name, before anything is kept. Raises as `check_real_name`."""
    agent = await _people.require_person(actor)
    claim = _people.claimed(DocumentKind.RESIDENT_ID.value, given.name, given.number)
    await _ledger.require_consent(actor.account_id)
    async with _attempts.counted(_attempts.REAL_NAME, f"mandate:{agent.id}"):
        await _people.confirm(claim, checker)
    return claim


async def represent(actor: Citizen, claim: Claimed) -> MandateOut:
    """Become guardian of the child whose name has just been confirmed. Asking again gives the mandate there is.

    Raises Conflict `identity.not_minor`, `.own_mandate`; Forbidden `identity.guardian_minor`.
    """
    agent = await _people.require_person(actor)
    async with db.tx():
        child = await _people.write_down(claim)
        mandate = await _mandate(actor, agent, child, Relation.GUARDIAN)
    return MandateOut(
        id=mandate.id,
        person_id=child.id,
        name=masking.name(child.name),
        relation=mandate.relation.value,
        until=mandate.until,
    )


async def end_mandate(actor: Citizen, mandate_id: UUID) -> None:
    """End a mandate: the agent may, and so may the person it is about. Raises NotFound."""
    if actor.person_id is None:
        raise NotFound
    mine = Q(agent_id=actor.person_id) | Q(person_id=actor.person_id)
    async with db.tx():
        mandate = await Mandate.filter(mine, id=mandate_id, ended_at=None).select_for_update().get_or_none()
        if mandate is None:
            raise NotFound
        mandate.ended_at = clock.now()
        await mandate.save(update_fields=["ended_at"])
        await audit.record(actor, "identity.mandate_ended", "mandate", mandate.id, person_id=mandate.person_id)


async def represented_by(person_id: UUID) -> list[RepresentedOut]:
    """List whom a person may act for today."""
    rows = await Mandate.filter(agent_id=person_id, ended_at=None, until__gt=clock.today()).order_by("created_at")
    people = await _people.people([row.person_id for row in rows])
    return [
        RepresentedOut(
            mandate_id=row.id,
            person_id=row.person_id,
            name=masking.name(people[row.person_id].name),
            relation=row.relation.value,
            until=row.until,
        )
        for row in rows
    ]


async def _mandate(actor: Citizen, agent: _people.PersonView, child: Person, relation: Relation) -> Mandate:
    if child.id == agent.id:
        raise Conflict("identity.own_mandate")
    born, age = child.birth_date, child.age
    if born is None or age is None or age >= ADULT_YEARS:
        raise Conflict("identity.not_minor", age=ADULT_YEARS)
    if agent.birth_date is not None and birthday(agent.birth_date, ADULT_YEARS) > clock.today():
        raise Forbidden("identity.guardian_minor", age=ADULT_YEARS)
    live = await Mandate.get_or_none(agent_id=agent.id, person_id=child.id, ended_at=None)
    if live is not None:
        return live
    mandate = Mandate(agent_id=agent.id, person_id=child.id, relation=relation, until=birthday(born, ADULT_YEARS))
    await mandate.save()
    await audit.record(
        actor, "identity.mandate_given", "mandate", mandate.id, person_id=child.id, relation=relation.value
    )
    return mandate
