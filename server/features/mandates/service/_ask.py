"""Asking to act for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from server import db
from server.errors import Conflict, FieldError, Forbidden, InvalidInput
from server.features.audit import service as audit
from server.features.identity import service as identity
from server.features.identity.service import Claimed, Scope
from server.features.mandates.models import A_DAY, LONGEST, MOST_ASKED, Basis, Mandate, Relation, State
from server.features.mandates.service import _news, _rows
from server.kit import clock

if TYPE_CHECKING:
    from server.actor import Citizen
    from server.features.identity.service import PersonView
    from server.features.mandates.schemas import MandateIn, MandateOut
    from server.ports import IdentityCheck

ADULT_YEARS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """For whom somebody wants to act, their name confirmed; `kin` when the authority knows the child as theirs."""

    claim: Claimed
    relation: Relation
    scope: Scope
    last_day: date | None
    kin: bool = False


async def check(actor: Citizen, given: MandateIn, checker: IdentityCheck) -> Wish:
    """Ask the authority about the other person's name, and of a child whose it is. Raises as `check_real_name`."""
    claim = await identity.check_other(
        actor, kind=given.document_kind, name=given.name, number=given.number, checker=checker
    )
    relation = Relation(given.relation)
    kin = relation is Relation.GUARDIAN and await identity.is_kin(actor, claim, checker)
    return Wish(claim=claim, relation=relation, scope=Scope(given.scope), last_day=given.last_day, kin=kin)


async def ask(actor: Citizen, wish: Wish) -> MandateOut:
    """Ask to act for somebody. Live at once only for a parent the authority knows; asking again gives what there is.

    Raises Conflict `mandates.own`, `.not_minor`, `.minor`, `.too_many`; Forbidden `mandates.agent_minor`; InvalidInput.
    """
    agent = await identity.require_person(actor)
    async with db.tx():
        person = await identity.keep_person(wish.claim)
        row = await _open(actor, agent, person, wish)
        if wish.kin and row.state is State.ASKED and not await _declined_before(row):
            row.basis = Basis.AUTHORITY
            await row.move("confirm")
            await audit.record(actor, "mandates.confirmed", "mandate", row.id, person_id=row.person_id)
            await _news.begun(row)
            await _news.beside(row)
    return (await _rows.shown([row], agent.id))[0]


def term(agent: PersonView, person: PersonView, relation: Relation, last_day: date | None) -> date:
    """Tell from which day on it would no longer count. Raises what speaks against it."""
    today = clock.today()
    if person.id == agent.id:
        raise Conflict("mandates.own")
    if agent.grown_on is not None and agent.grown_on > today:
        raise Forbidden("mandates.agent_minor", age=ADULT_YEARS)
    if relation is Relation.GUARDIAN:
        if person.grown_on is None or person.grown_on <= today:
            raise Conflict("mandates.not_minor", age=ADULT_YEARS)
        return person.grown_on
    if person.grown_on is not None and person.grown_on > today:
        raise Conflict("mandates.minor", age=ADULT_YEARS)
    longest = today + LONGEST
    if last_day is None:
        return longest
    if not today <= last_day < longest:
        raise InvalidInput("invalid_input", fields=(FieldError("last_day", "out_of_range"),))
    return last_day + A_DAY


async def _open(actor: Citizen, agent: PersonView, person: PersonView, wish: Wish) -> Mandate:
    until = term(agent, person, wish.relation, wish.last_day)
    there = await Mandate.get_or_none(agent_id=agent.id, person_id=person.id, ended_at=None)
    if there is not None and there.until > clock.today():
        return there
    if there is not None:
        await there.move("end")
    if await Mandate.filter(agent_id=agent.id, state=State.ASKED).count() >= MOST_ASKED:
        raise Conflict("mandates.too_many", most=MOST_ASKED)
    row = Mandate(agent_id=agent.id, person_id=person.id, relation=wish.relation, scope=wish.scope, until=until)
    await row.save()
    await audit.record(actor, "mandates.asked", "mandate", row.id, person_id=person.id, relation=wish.relation.value)
    if wish.relation is not Relation.GUARDIAN:
        await _news.asked(row)
    elif not wish.kin:
        await _news.beside(row)
    return row


async def _declined_before(row: Mandate) -> bool:
    """What a window has declined, with everybody heard, no machine makes live again."""
    return await Mandate.filter(agent_id=row.agent_id, person_id=row.person_id, state=State.DECLINED).exists()
