"""Arriving with a booking: it becomes a ticket in the one line there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server import db
from server.actor import Actor, Citizen, Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.booking import service as booking
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.queue.models import UNFINISHED, Green, Ticket, TicketState
from server.features.queue.schemas import TicketOut
from server.features.queue.service._places import in_hand, join, say_green
from server.features.queue.service._policy import halls_of, policy_of
from server.features.queue.service._ticket import Arrival, issue, one_at_a_time
from server.features.queue.service._view import screen
from server.features.thread import service as thread
from server.kit import clock
from server.kit.spoken import spoken


@dataclass(frozen=True, slots=True)
class Scanned:
    """Which hall's QR was scanned; `at_door` for the one that changes, which only who stands there can have."""

    hall_id: UUID
    at_door: bool


async def hall_of_token(token: str) -> Scanned:
    """Find the hall whose QR was scanned. Refuses: `codes.unknown`, `codes.expired`, `codes.wrong_kind`."""
    code = await thread.resolve_code(token)
    if code.kind not in (thread.CodeKind.HALL, thread.CodeKind.DOOR):
        raise NotFound("codes.wrong_kind")
    return Scanned(code.subject_id, at_door=code.kind is thread.CodeKind.DOOR)


@db.transactional
async def check_in_by_hall(
    actor: Citizen, token: str, subscriptions: push.Subscriptions | None = None, green: Green | None = None
) -> TicketOut:
    """The person scans the hall's QR: what they are expected for now becomes tickets; the next one is shown.

    Scanning again shows the same ticket. A visit later in the day waits until the earlier ones are over. Who comes
    together goes together: `green` holds for all of them. Refuses:
    `codes.unknown`, `codes.wrong_kind`, `queue.other_hall`, `queue.nothing_today`, `queue.too_early`.
    """
    hall_id = (await hall_of_token(token)).hall_id
    if subscriptions is not None:
        await push.note_subscriptions(actor, subscriptions)
    await one_at_a_time(hall_id)
    visits = await booking.todays_confirmed(actor)
    here = [visit for visit in visits if visit.booking.hall_id == hall_id]
    tickets = await _todays_tickets(actor, hall_id)
    waiting = [ticket for ticket in tickets if ticket.state in UNFINISHED]
    policy = await policy_of(hall_id)
    due = [visit for visit in here if policy.opens_at(visit.starts_at) <= clock.now()]
    made = [await _admit(actor, visit, green) for visit in due]
    for ticket in waiting:
        await say_green(ticket, green, policy)
    shown = list({ticket.id: ticket for ticket in (*waiting, *made)}.values()) or tickets[-1:]
    if not shown:
        raise _too_early(actor, policy.opens_at(here[0].starts_at)) if here else await _nothing_here(visits)
    return await screen(min(shown, key=lambda ticket: ticket.rank_at), actor)


async def _todays_tickets(actor: Citizen, hall_id: UUID) -> list[Ticket]:
    parties = await identity.parties(actor, identity.Scope.VISITS)
    rows = Ticket.of_people(parties.person_ids)
    return await rows.filter(hall_id=hall_id, day=clock.today()).order_by("rank_at", "id")


def _too_early(actor: Actor, opens_at: datetime) -> Conflict:
    return Conflict("queue.too_early", opens=spoken(actor.locale, opens_at))


async def _nothing_here(elsewhere: list[booking.Visit]) -> Conflict:
    if not elsewhere:
        return Conflict("queue.nothing_today")
    return await _other_hall(elsewhere[0].booking.hall_id)


async def _other_hall(hall_id: UUID) -> Conflict:
    return Conflict("queue.other_hall", hall=(await catalogue.hall(hall_id)).name)


@db.transactional
async def check_in_at_desk(
    actor: Staff, token_or_booking: str | UUID, *, at: UUID | None = None, green: Green | None = None
) -> TicketOut:
    """Staff scan the person's QR or pick the booking; doing it again gives the same ticket. They may let in early.

    `at` is the hall whose desk it is: who answers for several halls checks nobody in where they do not stand.

    Refuses: `codes.unknown`, `codes.expired`, `codes.wrong_kind`, `queue.other_hall`, `queue.not_today`,
    `queue.already_served`, `queue.given_back`, `booking.wrong_state`.
    """
    scanned = None if isinstance(token_or_booking, UUID) else await scanned_ticket(token_or_booking)
    halls = await halls_of(actor)
    if at is not None:
        halls = (at,) if halls is None or at in halls else ()
    if scanned is not None:
        if halls is not None and scanned.hall_id not in halls:
            raise await _other_hall(scanned.hall_id)
        return await screen(scanned, actor)
    found = await _booking(token_or_booking)
    if halls is not None and found.hall_id not in halls:
        # Whoever shows a QR is told where to go; an id without one is another hall's business.
        raise NotFound if isinstance(token_or_booking, UUID) else await _other_hall(found.hall_id)
    await one_at_a_time(found.hall_id)
    ticket = await _same(found)
    if ticket is None:
        ticket = await _admit(actor, await booking.visit_of(found), green)
        await audit.record(
            actor, "booking.checked_in", "booking", found.id, person_id=found.person_id, thread_id=found.thread_id
        )
    return await screen(ticket, actor)


@db.transactional
async def check_in_at_kiosk(actor: Actor, hall_id: UUID, token: str, green: Green | None = None) -> TicketOut:
    """The person holds their QR to the kiosk. Refuses as the desk does, and `queue.too_early`."""
    scanned = await scanned_ticket(token)
    if scanned is not None:
        if scanned.hall_id != hall_id:
            raise await _other_hall(scanned.hall_id)
        await say_green(scanned, green, await policy_of(hall_id))
        return await screen(scanned, actor)
    found = await booking.instead_of(await booking.of_code(token))
    if found.hall_id != hall_id:
        raise await _other_hall(found.hall_id)
    await one_at_a_time(hall_id)
    ticket = await _same(found)
    policy = await policy_of(hall_id)
    if ticket is None:
        visit = await booking.visit_of(found)
        opens_at = policy.opens_at(visit.starts_at)
        if found.day == clock.today() and clock.now() < opens_at:
            raise _too_early(actor, opens_at)
        ticket = await _admit(actor, visit, green)
    else:
        await say_green(ticket, green, policy)
    return await screen(ticket, actor)


async def scanned_ticket(token: str) -> Ticket | None:
    """Find the ticket behind a ticket's own QR; None when it is the QR of something else."""
    code = await thread.resolve_code(token)
    return await Ticket.get(id=code.subject_id) if code.kind is thread.CodeKind.TICKET else None


async def _booking(token_or_booking: str | UUID) -> booking.Booking:
    if isinstance(token_or_booking, UUID):
        return await booking.get_row(token_or_booking)
    # The old QR is still on the phone of whoever missed a visit and booked again.
    return await booking.instead_of(await booking.of_code(token_or_booking))


async def _same(found: booking.Booking) -> Ticket | None:
    ticket = await Ticket.get_or_none(booking_id=found.id, day=clock.today())
    if ticket is not None and ticket.state is TicketState.ABANDONED:
        raise Conflict("queue.given_back", number=ticket.number)
    if ticket is not None and ticket.state not in UNFINISHED:
        raise Conflict("queue.already_served", number=ticket.number)
    return ticket


async def _admit(actor: Actor, visit: booking.Visit, green: Green | None = None) -> Ticket:
    found = visit.booking
    if found.day != clock.today():
        raise Conflict("queue.not_today", day=spoken(actor.locale, found.day))
    await booking.check_in(actor, found)
    policy = await policy_of(found.hall_id)
    held = await in_hand(found.hall_id, found.person_id, visit.skill, found.item_id)
    walking = next((one for one in held if one.booking_id is None), None)
    if walking is not None:
        # The number in hand was taken without the booking: it is the same visit, and keeps its number.
        await join(actor, walking, visit, policy, green)
        return walking
    arrival = Arrival(
        hall_id=found.hall_id,
        skill=visit.skill,
        item_id=found.item_id,
        person_id=found.person_id,
        thread_id=found.thread_id,
        booking_id=found.id,
        promised_at=visit.starts_at,
        green=green,
    )
    return await issue(arrival, policy)


@db.transactional
async def check_in_due(actor: Actor, visit: booking.Visit, green: Green | None) -> Ticket:
    """Check a visit in for somebody who asked for a number instead, or say from when on that goes."""
    opens_at = (await policy_of(visit.booking.hall_id)).opens_at(visit.starts_at)
    if clock.now() < opens_at:
        raise Conflict("queue.booked_later", opens=spoken(actor.locale, opens_at))
    return await _admit(actor, visit, green)


@db.transactional
async def hall_token(hall_id: UUID) -> str:
    """Give the token in the hall's check-in QR; made once, it stays on the wall."""
    return await thread.standing_code("hall", hall_id)
