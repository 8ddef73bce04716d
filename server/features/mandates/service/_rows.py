"""Reaching mandates, and showing them to each side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tortoise.expressions import Q

from server.errors import NotFound
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.mandates.models import OPEN, PATIENCE, Mandate, Relation, State
from server.features.mandates.schemas import MandateOut, MandatesOut, WayOn
from server.kit import clock, masking

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from server.actor import Citizen

Side = Literal["agent", "person", "guardian"]
Deed = Literal["consent", "refuse", "object", "end"]


async def mine(actor: Citizen) -> MandatesOut:
    """Show for whom I act or asked to, who acts or asks to act for me, and who else acts for my children."""
    own = (await identity.require_person(actor)).id
    recent = Q(Q(state__in=OPEN), Q(ended_at__gt=clock.now() - PATIENCE), join_type="OR")
    rows = await Mandate.filter(Q(Q(agent_id=own), Q(person_id=own), join_type="OR"), recent).order_by("-created_at")
    others = await Mandate.filter(
        person_id__in=[row.person_id for row in rows if guards(row, own)],
        relation=Relation.GUARDIAN,
        state__in=OPEN,
    ).exclude(agent_id=own)
    items = await shown([*rows, *others], own)
    waits = any(item.state in (State.ASKED, State.SUSPENDED, State.DECLINED) for item in items)
    return MandatesOut(items=items, hall=await _hall() if waits else None)


async def shown(rows: Iterable[Mandate], own: UUID) -> list[MandateOut]:
    """Show mandates as one person sees them, names masked; but whoever lets another act for them reads whom."""
    rows = list(rows)
    people = await identity.people([one for row in rows for one in (row.agent_id, row.person_id)])
    return [
        MandateOut(
            id=row.id,
            side=_side(row, own),
            person_id=row.person_id,
            name=masking.name(people[row.person_id].name),
            agent_name=people[row.agent_id].name if row.person_id == own else masking.name(people[row.agent_id].name),
            relation=row.relation.value,
            scope=row.scope.value,
            state=row.state.value,
            basis=None if row.basis is None else row.basis.value,
            last_day=row.last_day,
            since=row.moved_at,
            reason=row.reason,
            can=_can(row, own),
        )
        for row in rows
    ]


async def agents_of(person_id: UUID) -> list[Mandate]:
    """List the mandates by which somebody may act for a person today, in everything."""
    rows = Mandate.filter(
        person_id=person_id, state=State.LIVE, until__gt=clock.today(), scope=identity.Scope.EVERYTHING
    )
    return await rows.order_by("created_at", "id")


async def held(mandate_id: UUID) -> Mandate:
    """Hold one mandate for the rest of the transaction. Raises NotFound."""
    row = await Mandate.filter(id=mandate_id).select_for_update().get_or_none()
    if row is None:
        raise NotFound
    return row


async def guardians_beside(row: Mandate) -> list[UUID]:
    """List who else is guardian of the same child today."""
    if row.relation is not Relation.GUARDIAN:
        return []
    others = Mandate.filter(
        person_id=row.person_id, relation=Relation.GUARDIAN, state=State.LIVE, until__gt=clock.today()
    )
    found: list[UUID] = await others.exclude(agent_id=row.agent_id).values_list("agent_id", flat=True)  # type: ignore[assignment]
    return found


def guards(row: Mandate, own: UUID) -> bool:
    """Say whether somebody is guardian by this mandate, today."""
    live = row.state is State.LIVE and row.until > clock.today()
    return row.agent_id == own and row.relation is Relation.GUARDIAN and live


def _side(row: Mandate, own: UUID) -> Side:
    if row.agent_id == own:
        return "agent"
    return "person" if row.person_id == own else "guardian"


def _can(row: Mandate, own: UUID) -> list[Deed]:
    side = _side(row, own)
    if side == "guardian":
        return ["object"] if row.can("object") and row.objected_by is None else []
    answers: list[Deed] = ["consent", "refuse"]
    if side == "person" and row.relation is not Relation.GUARDIAN and row.state is State.ASKED:
        return answers
    return ["end"] if row.can("end") else []


async def _hall() -> WayOn | None:
    halls = await catalogue.halls()
    found = next((hall for hall in halls if hall.kind == "hall"), None)
    if found is None:
        return None
    return WayOn(name=found.name, address=found.address, hours=found.hours_text, phone=found.phone)
