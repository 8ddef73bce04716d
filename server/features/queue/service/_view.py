"""Reading tickets."""

from __future__ import annotations

import asyncio
import contextlib
import time
from uuid import UUID

from server import db
from server.actor import Actor, Citizen
from server.errors import NotFound
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.queue.models import UNFINISHED, Ticket, TicketState
from server.features.queue.schemas import HallRef, TicketOut
from server.kit.texts import text

# A wake-up may be lost with its connection; then the ticket is looked at after so long.
RECHECK_SECONDS = 10.0

AHEAD = """
SELECT count(*) FROM ticket
WHERE hall_id = $1 AND day = $2 AND skill = $3 AND state = 'waiting' AND (place_at, id) < ($4, $5)
"""


async def watch(actor: Citizen, ticket_id: UUID, version: int, wait: int) -> TicketOut:
    """Show the ticket as soon as it is newer than `version` or somebody ahead has gone; after `wait` seconds anyhow."""
    ticket = await _mine(actor, ticket_id)
    first = await screen(ticket, actor)
    if first.version > version or ticket.state not in UNFINISHED or not wait:
        return first
    changed = asyncio.Event()
    stop = await db.listen("queue", lambda hall: changed.set() if hall in ("", str(ticket.hall_id)) else None)
    try:
        return await _next_change(ticket, actor, first, changed, time.monotonic() + wait)
    finally:
        stop()


async def _next_change(
    ticket: Ticket, actor: Citizen, seen: TicketOut, changed: asyncio.Event, end: float
) -> TicketOut:
    while True:
        changed.clear()
        await ticket.refresh_from_db()
        shown = await screen(ticket, actor)
        left = end - time.monotonic()
        if (shown.version, shown.ahead) != (seen.version, seen.ahead) or left <= 0:
            return shown
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), min(left, RECHECK_SECONDS))


async def of_thread(actor: Actor, thread_id: UUID) -> TicketOut | None:
    """Show the newest ticket of a thread; the caller has already checked who may see the thread."""
    ticket = await Ticket.filter(thread_id=thread_id).order_by("-created_at").first()
    return None if ticket is None else await screen(ticket, actor)


async def _mine(actor: Citizen, ticket_id: UUID) -> Ticket:
    parties = await identity.parties(actor)
    ticket = await Ticket.of_people(parties.person_ids).get_or_none(id=ticket_id)
    if ticket is None:
        raise NotFound
    return ticket


async def screen(ticket: Ticket, actor: Actor) -> TicketOut:
    """Put the ticket screen together."""
    hall = await catalogue.hall(ticket.hall_id)
    ahead = 0
    if ticket.state is TicketState.WAITING:
        ahead = await db.fetchval(AHEAD, ticket.hall_id, ticket.day, ticket.skill, ticket.place_at, ticket.id)
    return TicketOut(
        id=ticket.id,
        thread_id=ticket.thread_id,
        number=ticket.number,
        state=ticket.state.value,
        state_text=text(actor.locale, f"queue.state.{ticket.state.value}"),
        ahead=ahead,
        hall=HallRef(id=hall.id, name=hall.name),
        window=await window_label(ticket.window_id),
        version=ticket.version,
    )


async def window_label(window_id: UUID | None) -> str | None:
    """Give the window's name as the hall writes it."""
    return None if window_id is None else (await catalogue.window(window_id)).name
