"""Arriving: a confirmed booking becomes a ticket in the one queue there is."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Actor, Citizen, Role, Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.booking import service as booking
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.queue.models import UNFINISHED, Ticket
from server.features.queue.schemas import TicketOut
from server.features.queue.service._view import screen
from server.features.thread import service as thread
from server.kit import clock
from server.kit.spoken import spoken

NEXT_NUMBER = """
INSERT INTO ticket_counter (hall_id, day, prefix, last) VALUES ($1, $2, $3, 1)
ON CONFLICT (hall_id, day, prefix) DO UPDATE SET last = ticket_counter.last + 1
RETURNING last
"""
BOOKED_PREFIX = "A"
DESK = (Role.CLERK, Role.HALL_MANAGER)
# Whoever is in the hall this long before their time has come for it, not for something earlier.
SOON = timedelta(minutes=60)


@db.transactional
async def check_in_by_hall(actor: Citizen, token: str) -> TicketOut:
    """The person scans the hall's QR: what they are expected for now becomes tickets; the next one is shown.

    Scanning again shows the same ticket. A visit later in the day waits until the earlier ones are over. Refuses:
    `codes.unknown`, `codes.wrong_kind`, `queue.other_hall`, `queue.nothing_today`.
    """
    code = await thread.resolve_code(token)
    if code.kind is not thread.CodeKind.HALL:
        raise NotFound("codes.wrong_kind")
    visits = await booking.todays_confirmed(actor)
    here = [visit for visit in visits if visit.booking.hall_id == code.subject_id]
    tickets = await _todays_tickets(actor, code.subject_id)
    waiting = [ticket for ticket in tickets if ticket.state in UNFINISHED]
    due = [visit for visit in here if visit.starts_at <= clock.now() + SOON]
    if not due and not waiting:
        due = here[:1]
    made = [await _make_ticket(actor, visit) for visit in due]
    shown = [*waiting, *made] or tickets[-1:]
    if not shown:
        raise await _nothing_here(visits)
    return await screen(min(shown, key=lambda ticket: ticket.place_at), actor)


async def _todays_tickets(actor: Citizen, hall_id: UUID) -> list[Ticket]:
    parties = await identity.parties(actor)
    rows = Ticket.of_people(parties.person_ids)
    return await rows.filter(hall_id=hall_id, day=clock.today()).order_by("place_at", "id")


async def _nothing_here(elsewhere: list[booking.Visit]) -> Conflict:
    if not elsewhere:
        return Conflict("queue.nothing_today")
    hall = await catalogue.hall(elsewhere[0].booking.hall_id)
    return Conflict("queue.other_hall", hall=hall.name)


@db.transactional
async def check_in_at_desk(actor: Staff, token_or_booking: str | UUID) -> TicketOut:
    """Staff scan the person's QR or pick the booking; doing it again gives the same ticket.

    Refuses: `codes.unknown`, `codes.expired`, `codes.wrong_kind`, `booking.wrong_hall`, `queue.not_today`,
    `booking.wrong_state`.
    """
    found = (
        await booking.get_row(token_or_booking)
        if isinstance(token_or_booking, UUID)
        else await booking.of_code(token_or_booking)
    )
    halls = await catalogue.halls_within(await identity.reach(actor, *DESK))
    if halls is not None and found.hall_id not in halls:
        # Whoever shows a QR is told where to go; an id without one is another hall's business.
        raise NotFound if isinstance(token_or_booking, UUID) else Conflict("booking.wrong_hall")
    ticket = await Ticket.get_or_none(booking_id=found.id, day=clock.today())
    if ticket is None:
        ticket = await _make_ticket(actor, await booking.visit_of(found))
        await audit.record(
            actor, "booking.checked_in", "booking", found.id, person_id=found.person_id, thread_id=found.thread_id
        )
    return await screen(ticket, actor)


async def _make_ticket(actor: Actor, visit: booking.Visit) -> Ticket:
    found, today = visit.booking, clock.today()
    if found.day != today:
        raise Conflict("queue.not_today", day=spoken(actor.locale, found.day))
    await booking.check_in(actor, found)
    last = await db.fetchval(NEXT_NUMBER, found.hall_id, today, BOOKED_PREFIX)
    ticket = Ticket(
        thread_id=found.thread_id,
        booking_id=found.id,
        hall_id=found.hall_id,
        skill=visit.skill,
        day=today,
        place_at=max(visit.starts_at, clock.now()),
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
