"""The desk: whoever has seen the papers decides, and says what was shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tortoise.expressions import Q

from server import db
from server.errors import Conflict, FieldError, InvalidInput
from server.features.audit import service as audit
from server.features.identity import service as identity
from server.features.identity.service import Scope
from server.features.mandates.models import Basis, Mandate, Paper, Relation, State
from server.features.mandates.schemas import DeskMandate, DeskRow
from server.features.mandates.service import _news, _rows
from server.features.mandates.service._ask import term
from server.kit import masking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.actor import Staff

_DECIDABLE = (State.ASKED, State.SUSPENDED)
# A child's papers say whose it is; a grown person says it themselves, in writing.
_PAPERS = {
    Relation.GUARDIAN: {Paper.HOUSEHOLD_REGISTER, Paper.BIRTH_CERTIFICATE, Paper.RULING},
    Relation.RELATIVE: {Paper.SIGNED_AUTHORITY, Paper.RULING},
    Relation.AGENT: {Paper.SIGNED_AUTHORITY, Paper.RULING},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """Both stand at the window, or one with the other's signature: who for whom, how far, through which day."""

    agent_id: UUID
    person_id: UUID
    relation: Relation
    scope: Scope
    last_day: date | None


# Names lie sealed and nothing is sorted or searched by them: who stands at the window is found by their document.
_WAITING = db.Listing(
    "mandate m",
    "m.id",
    {
        "since": db.By("m.moved_at", datetime),
        "relation": db.By("m.relation", str),
        "state": db.By("m.state", str),
    },
)


def waiting(relation: str = "") -> db.Found[DeskRow]:
    """List what waits for a decision, of one relation, if named: the oldest first."""

    async def shown(ids: list[UUID]) -> list[DeskRow]:
        return await _shown(await db.in_order(Mandate, ids))

    found = _WAITING.found(shown, usual="since").where("m.state = ANY({}::text[])", [one.value for one in _DECIDABLE])
    return found.where("m.relation = {}", relation) if relation else found


async def open_for(staff: Staff, number: str) -> list[DeskRow]:
    """List whatever is open for the holder of a document, the oldest first."""
    ids = [one.id for one in await identity.find_person(staff, number=number)]
    either = Q(Q(agent_id__in=ids), Q(person_id__in=ids), join_type="OR")
    return await _shown(await Mandate.filter(either, ended_at=None).order_by("moved_at", "id"))


async def _shown(rows: list[Mandate]) -> list[DeskRow]:
    people = await identity.people([one for row in rows for one in (row.agent_id, row.person_id)])
    return [
        DeskRow(
            id=row.id,
            agent=masking.name(people[row.agent_id].name),
            person=masking.name(people[row.person_id].name),
            relation=row.relation.value,
            state=row.state.value,
            since=row.moved_at,
        )
        for row in rows
    ]


async def look(staff: Staff, mandate_id: UUID) -> DeskMandate:
    """Lay one on the desk; both people can read that staff looked. Raises NotFound."""
    async with db.tx():
        row = await _rows.held(mandate_id)
        for side in (row.agent_id, row.person_id):
            await audit.record(staff, "mandates.viewed", "mandate", row.id, person_id=side)
    beside = await _rows.guardians_beside(row)
    people = await identity.people([row.agent_id, row.person_id, *beside])
    agent, person = people[row.agent_id], people[row.person_id]
    return DeskMandate(
        id=row.id,
        agent=agent.name,
        agent_document=masking.document(agent.number),
        person=person.name,
        person_document=masking.document(person.number),
        relation=row.relation.value,
        scope=row.scope.value,
        state=row.state.value,
        basis=None if row.basis is None else row.basis.value,
        papers=[paper.value for paper in Paper if paper in _PAPERS[row.relation]],
        shown=row.shown,
        last_day=row.last_day,
        since=row.moved_at,
        reason=row.reason,
        others=[masking.name(people[one].name) for one in beside],
        decidable=row.state in _DECIDABLE,
    )


async def approve(staff: Staff, mandate_id: UUID, *, shown: Sequence[str], reason: str = "") -> None:
    """Let it count, having seen the papers. Raises NotFound; Conflict `mandates.decided`; InvalidInput."""
    async with db.tx():
        row = await _rows.held(mandate_id)
        _settle(row, shown, reason)
        await row.move("approve")
        await audit.record(
            staff, "mandates.approved", "mandate", row.id, person_id=row.person_id, shown=",".join(row.shown)
        )
        await _news.begun(row)
        await _news.settled(row)
        if row.objected_by is None:
            await _news.beside(row)


async def decline(staff: Staff, mandate_id: UUID, *, shown: Sequence[str] = (), reason: str) -> None:
    """Do not let it count: whoever asked reads why. Raises as `approve`."""
    async with db.tx():
        row = await _rows.held(mandate_id)
        row.reason = _said(reason)
        row.shown = _known(row.relation, shown)
        await row.move("decline")
        await audit.record(
            staff, "mandates.declined", "mandate", row.id, person_id=row.person_id, shown=",".join(row.shown)
        )
        await _news.declined(row)
        await _news.settled(row)


async def take_back(staff: Staff, mandate_id: UUID, *, reason: str) -> None:
    """End one that counts: the represented person asks for it here, or it proved untrue. Raises as `approve`."""
    async with db.tx():
        row = await _rows.held(mandate_id)
        row.reason = _said(reason)
        await row.move("take_back")
        await audit.record(staff, "mandates.taken_back", "mandate", row.id, person_id=row.person_id)
        await _news.ended(row)


async def make_at_desk(staff: Staff, at: At, *, shown: Sequence[str]) -> UUID:
    """Write down what is settled at the window, with no telephone in it; gives the mandate. Raises as `ask`."""
    people = await identity.people([at.agent_id, at.person_id])
    until = term(people[at.agent_id], people[at.person_id], at.relation, at.last_day)
    async with db.tx():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 6))", str(at.person_id))
        there = await Mandate.filter(agent_id=at.agent_id, person_id=at.person_id, ended_at=None).get_or_none()
        if there is not None:
            raise Conflict("mandates.there")
        row = Mandate(agent_id=at.agent_id, person_id=at.person_id, relation=at.relation, scope=at.scope, until=until)
        _settle(row, shown, "")
        await row.move("approve")
        await audit.record(
            staff, "mandates.approved", "mandate", row.id, person_id=row.person_id, shown=",".join(row.shown)
        )
        await _news.begun(row)
        await _news.beside(row)
    return row.id


def _settle(row: Mandate, shown: Sequence[str], reason: str) -> None:
    papers = _known(row.relation, shown)
    if not papers:
        raise InvalidInput("mandates.nothing_shown", fields=(FieldError("shown", "required"),))
    row.shown = papers
    row.basis = Basis.DESK
    row.reason = reason.strip() or None


def _said(reason: str) -> str:
    if not reason.strip():
        raise InvalidInput("invalid_input", fields=(FieldError("reason", "required"),))
    return reason.strip()


def _known(relation: Relation, shown: Sequence[str]) -> list[str]:
    """Only papers that can prove this relation count as shown."""
    return [paper.value for paper in Paper if paper in _PAPERS[relation] and paper.value in shown]
