"""What the queue needs: a confirmed booking becomes a visit without queueing twice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from server.actor import Actor, Citizen
from server.errors import NotFound
from server.features.booking.models import LIVE, MOVES, Booking, BookingState, Slot
from server.features.booking.service._view import cause_of
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock


@dataclass(frozen=True, slots=True)
class Visit:
    """A booking as the queue needs it: which line to stand in, and when its turn was promised."""

    booking: Booking
    skill: str
    starts_at: datetime


async def of_code(token: str) -> Booking:
    """Find the booking behind a check-in QR; an unknown or ended code is `codes.unknown` or `codes.expired`."""
    code = await thread.resolve_code(token)
    if code.kind is not thread.CodeKind.BOOKING:
        raise NotFound("codes.wrong_kind")
    return await get_row(code.subject_id)


async def get_row(booking_id: UUID) -> Booking:
    """Find a booking by id; the caller checks whose it is."""
    found = await Booking.get_or_none(id=booking_id)
    if found is None:
        raise NotFound
    return found


@thread.handled_by
async def _halls_of(thread_id: UUID) -> list[UUID]:
    rows: list[UUID] = await Booking.filter(thread_id=thread_id).values_list("hall_id", flat=True)  # type: ignore[assignment]
    return rows


async def of_thread(thread_id: UUID) -> Booking | None:
    """Find the newest booking of a thread."""
    return await Booking.filter(thread_id=thread_id).order_by("-created_at").first()


async def visit_of(booking: Booking) -> Visit:
    """Tell which line a booking stands in: that of the place it has, whatever the guide says by now."""
    slot = await Slot.get(id=booking.slot_id)
    return Visit(booking, slot.skill, slot.starts_at)


async def todays_confirmed(actor: Citizen) -> list[Visit]:
    """List today's visits of those the actor may act for, the next first.

    Whoever was missed may still come, unless the same was booked again: then that is the visit.
    """
    visits = await _todays(actor, MOVES["check_in"][0])
    return [visit for visit in visits if (await instead_of(visit.booking)).id == visit.booking.id]


async def instead_of(booking: Booking) -> Booking:
    """Follow a missed visit to the one that was booked for the same day instead; any other is itself."""
    if booking.state is not BookingState.NO_SHOW:
        return booking
    again = Booking.filter(
        person_id=booking.person_id, day=booking.day, item_id=booking.item_id,
        state__in=(*LIVE, BookingState.SERVED), created_at__gt=booking.created_at,
    )  # fmt: skip
    return await again.order_by("-created_at").first() or booking


async def todays_unanswered(actor: Citizen) -> list[Visit]:
    """List the wishes for today to which their halls have not answered yet, the next first."""
    return await _todays(actor, (BookingState.REQUESTED,))


async def _todays(actor: Citizen, states: tuple[BookingState, ...]) -> list[Visit]:
    parties = await identity.parties(actor, identity.Scope.VISITS)
    rows = Booking.of_parties(parties.person_ids, parties.enterprise_ids)
    found = await rows.filter(day=clock.today(), state__in=states)
    return sorted([await visit_of(booking) for booking in found], key=lambda visit: visit.starts_at)


async def has_live(thread_id: UUID) -> bool:
    """Say whether a thread has a booking that is still to come or under way."""
    return await Booking.filter(thread_id=thread_id, state__in=LIVE).exists()


async def live_among(thread_ids: Collection[UUID]) -> set[UUID]:
    """Name those of some threads that have a booking still to come or under way."""
    rows: list[UUID] = await Booking.filter(thread_id__in=list(thread_ids), state__in=LIVE).values_list(
        "thread_id", flat=True
    )  # type: ignore[assignment]
    return set(rows)


async def threads_served(first: date, last: date) -> list[UUID]:
    """Name the threads of visits that were served on these days."""
    return await _threads(BookingState.SERVED, first, last)


async def threads_missed(first: date, last: date) -> list[UUID]:
    """Name the threads of visits that nobody came to on these days."""
    return await _threads(BookingState.NO_SHOW, first, last)


async def _threads(state: BookingState, first: date, last: date) -> list[UUID]:
    rows = await Booking.filter(day__gte=first, day__lte=last, state=state)
    return list(dict.fromkeys(row.thread_id for row in rows))


async def check_in(actor: Actor, booking: Booking) -> None:
    """Note that the person is here; the queue calls this in the transaction that makes the ticket."""
    await booking.move("check_in")
    await push.cancel(cause_of(booking.id))
    await thread.record(booking.thread_id, "booking.checked_in", actor, booking_id=str(booking.id))


async def serve(actor: Actor, booking_id: UUID) -> None:
    """Note that the window has finished; the queue calls this in the transaction that ends the ticket."""
    booking = await get_row(booking_id)
    await booking.move("serve")
    await thread.record(booking.thread_id, "booking.served", actor, booking_id=str(booking.id))
