"""Whoever has just been checked in, held against the age that their item is meant for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from server.errors import NotFound
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.queue.models import Ticket
from server.features.queue.service._policy import halls_of
from server.features.thread import service as thread

if TYPE_CHECKING:
    from server.actor import Staff


async def age_of_ticket(actor: Staff, ticket_id: UUID) -> catalogue.AgeMark | None:
    """Warn the reception before anybody waits for nothing. Who came without a name, or for an enterprise, has none."""
    ticket = await Ticket.in_halls(await halls_of(actor)).get_or_none(id=ticket_id)
    if ticket is None or ticket.person_id is None or ticket.item_id is None:
        return None
    if ticket.thread_id is not None and (await thread.get(ticket.thread_id)).enterprise_id is not None:
        return None
    try:
        guide = await catalogue.current_guide(ticket.item_id)
    except NotFound:
        return None
    return catalogue.age_mark(guide.content.ages, (await identity.person(ticket.person_id)).age, actor.locale)
