"""What time does to a booking nobody answered, and to one nobody came to."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Actor, System
from server.errors import Conflict
from server.features.audit import service as audit
from server.features.booking import messages
from server.features.booking.models import Booking, BookingState, HallChange, Slot
from server.features.booking.service._book import wind_up
from server.features.booking.service._making import CLOSED, shuts
from server.features.booking.service._view import tell
from server.features.booking.service._waitlist import free
from server.features.thread import service as thread
from server.kit import clock

AT_ONCE = 200
# Only what is overdue is counted: what is not yet does not stand in the way of what comes behind it.
_OVERDUE = """
    SELECT booking.id FROM booking JOIN slot ON slot.id = booking.slot_id
    WHERE (booking.state = 'requested' AND booking.day <= $1 AND slot.ends_at <= $2)
        OR (booking.state = 'confirmed' AND booking.day < $1)
    ORDER BY booking.day, booking.id LIMIT $3
"""


async def expire_overdue() -> int:
    """End what the hall did not answer until the time was over, and what nobody checked in to by the end of the day."""
    rows = await db.fetch(_OVERDUE, clock.today(), clock.now(), AT_ONCE)
    return sum([await _end(row["id"]) for row in rows])


async def _end(booking_id: UUID) -> bool:
    try:
        async with db.tx():
            booking = await Booking.get(id=booking_id)
            if booking.state is BookingState.REQUESTED:
                await expire(System(name="booking.expire"), booking)
                await tell(booking, messages.BookingExpired)
            elif await _was_shut(booking):
                await expire(System(name="booking.expire"), booking)
            else:
                await miss(System(name="booking.miss"), booking)
    except Conflict:
        return False  # somebody was faster: it is no longer overdue
    return True


async def _was_shut(booking: Booking) -> bool:
    """Say whether the hall was closed then; shut in the middle of a day, nobody could have come before it was said."""
    slot = await Slot.get(id=booking.slot_id)
    changes = await HallChange.filter(
        hall_id=booking.hall_id, kind=CLOSED, ended_at__isnull=True, first_on__lte=slot.day, last_on__gte=slot.day
    )
    return any(one.covers(slot.day) and shuts(one, slot.skill, slot.starts_at, slot.ends_at) for one in changes)


async def miss(actor: Actor, booking: Booking) -> None:
    """Note that the person did not come, in the caller's transaction: counted by the hall's rules, open to appeal."""
    await booking.move("miss")
    await thread.record(booking.thread_id, "booking.no_show", actor, booking_id=str(booking.id))
    await tell(booking, messages.BookingMissed)
    await audit.record(
        actor, "booking.no_show", "booking", booking.id, person_id=booking.person_id, thread_id=booking.thread_id
    )


async def expire(actor: Actor, booking: Booking) -> None:
    """End a booking by time, in the caller's transaction; nobody is to blame for it.

    Whoever comes early and leaves before their time gives the place back; later nobody could take it.
    """
    await booking.move("expire")
    await wind_up(booking)
    if await Slot.filter(id=booking.slot_id, starts_at__gt=clock.now()).exists():
        await free(booking.slot_id)
    await thread.record(booking.thread_id, "booking.expired", actor, booking_id=str(booking.id))
