"""What the queue needs: a confirmed booking becomes a visit without queueing twice."""

from __future__ import annotations

from uuid import UUID

from server.actor import Actor, Citizen
from server.errors import NotFound
from server.features.booking.models import Booking, BookingState
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock


async def of_code(token: str) -> Booking:
    """Find the booking behind a check-in QR; an unknown or ended code is `codes.unknown` or `codes.expired`."""
    code = await thread.resolve_code(token)
    if code.kind != "booking":
        raise NotFound("codes.wrong_kind")
    return await Booking.get(id=code.subject_id)


async def get_row(booking_id: UUID) -> Booking:
    """Find a booking by id; the caller checks whose it is."""
    found = await Booking.get_or_none(id=booking_id)
    if found is None:
        raise NotFound
    return found


async def of_thread(thread_id: UUID) -> Booking | None:
    """Find the newest booking of a thread."""
    return await Booking.filter(thread_id=thread_id).order_by("-created_at").first()


async def todays_confirmed(actor: Citizen, hall_id: UUID) -> list[Booking]:
    """List the person's confirmed bookings of today in one hall, the next one first."""
    parties = await identity.parties(actor)
    rows = Booking.of_parties(parties.person_ids, parties.enterprise_ids)
    found = await rows.filter(hall_id=hall_id, day=clock.today(), state=BookingState.CONFIRMED)
    return sorted(found, key=lambda booking: booking.created_at)


async def check_in(actor: Actor, booking: Booking) -> None:
    """Note that the person is here; the queue calls this in the transaction that makes the ticket."""
    await booking.move("check_in")
    await thread.record(booking.thread_id, "booking.checked_in", actor, booking_id=str(booking.id))


async def serve(actor: Actor, booking_id: UUID) -> None:
    """Note that the window has finished; the queue calls this in the transaction that ends the ticket."""
    booking = await Booking.get(id=booking_id)
    await booking.move("serve")
    await thread.record(booking.thread_id, "booking.served", actor, booking_id=str(booking.id))
