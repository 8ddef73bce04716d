"""Arriving: a confirmed booking becomes a ticket in the one queue there is."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Actor, Citizen, Role, Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.booking import service as booking
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.queue.models import Ticket
from server.features.queue.schemas import TicketOut
from server.features.queue.service._view import screen
from server.features.thread import service as thread
from server.kit import clock

NEXT_NUMBER = """
INSERT INTO ticket_counter (hall_id, day, prefix, last) VALUES ($1, $2, $3, 1)
ON CONFLICT (hall_id, day, prefix) DO UPDATE SET last = ticket_counter.last + 1
RETURNING last
"""
BOOKED_PREFIX = "A"


@db.transactional
async def check_in_by_hall(actor: Citizen, token: str) -> TicketOut:
    """The person scans the hall's QR: today's confirmed booking there becomes a ticket.

    Scanning again shows the same ticket. Refuses: `codes.unknown`, `queue.nothing_today`.
    """
    code = await thread.resolve_code(token)
    if code.kind != "hall":
        raise NotFound("codes.wrong_kind")
    confirmed = await booking.todays_confirmed(actor, code.subject_id)
    if confirmed:
        return await screen(await _make_ticket(actor, confirmed[0]), actor)
    parties = await identity.parties(actor)
    held = await Ticket.of_people(parties.person_ids).filter(hall_id=code.subject_id, day=clock.today())
    if not held:
        raise Conflict("queue.nothing_today")
    return await screen(max(held, key=lambda ticket: ticket.created_at), actor)


@db.transactional
async def check_in_at_desk(actor: Staff, token_or_booking: str | UUID) -> TicketOut:
    """Staff scan the person's QR or pick the booking. Refuses: `booking.wrong_hall`, `queue.not_today`."""
    found = (
        await booking.get_row(token_or_booking)
        if isinstance(token_or_booking, UUID)
        else await booking.of_code(token_or_booking)
    )
    halls = await catalogue.halls_within(await identity.reach(actor, Role.CLERK, Role.HALL_MANAGER))
    if halls is not None and found.hall_id not in halls:
        raise Conflict("booking.wrong_hall")
    ticket = await _make_ticket(actor, found)
    await audit.record(
        actor, "booking.checked_in", "booking", found.id, person_id=found.person_id, thread_id=found.thread_id
    )
    return await screen(ticket, actor)


async def _make_ticket(actor: Actor, found: booking.Booking) -> Ticket:
    today = clock.today()
    if found.day != today:
        raise Conflict("queue.not_today", day=found.day.isoformat())
    await booking.check_in(actor, found)
    last = await db.fetchval(NEXT_NUMBER, found.hall_id, today, BOOKED_PREFIX)
    ticket = Ticket(
        thread_id=found.thread_id,
        booking_id=found.id,
        hall_id=found.hall_id,
        skill=(await catalogue.guide(found.guide_id)).content.skill,
        day=today,
        number=f"{BOOKED_PREFIX}{last:03d}",
        person_id=found.person_id,
    )
    await ticket.save(force_create=True)
    await db.notify("queue", str(found.hall_id))
    return ticket


@db.transactional
async def hall_token(hall_id: UUID) -> str:
    """Give the token in the hall's check-in QR; made once, it stays on the wall."""
    return await thread.standing_code("hall", hall_id)
