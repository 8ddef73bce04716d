"""A time is closed while people have it: each is told, and another time is kept for each where there is one."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import System
from server.errors import Conflict
from server.features.booking import messages
from server.features.booking.models import Booking, Slot
from server.features.booking.service._book import end_code
from server.features.booking.service._desk import OFFERED_FOR
from server.features.booking.service._hold import offer
from server.features.booking.service._view import tell
from server.features.booking.service._waitlist import free
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock

AT_ONCE = 200
_ON_CLOSED = """
    SELECT booking.id FROM booking JOIN slot ON slot.id = booking.slot_id
    WHERE slot.closed AND slot.starts_at > $1 AND booking.state IN ('requested', 'confirmed')
        AND booking.day >= $2
    ORDER BY slot.starts_at, booking.created_at LIMIT $3
"""
# The next one that has room, at the same counter.
_NEXT = """
    SELECT id FROM slot WHERE hall_id = $1 AND skill = $2 AND starts_at > $3 AND starts_at > $4
        AND taken < capacity AND NOT closed
    ORDER BY starts_at LIMIT 1
"""


async def move_closed() -> int:
    """Tell everybody whose time was closed, and keep another for them; one transaction each."""
    rows = await db.fetch(_ON_CLOSED, clock.now(), clock.today(), AT_ONCE)
    return sum([await _move(row["id"]) for row in rows])


async def _move(booking_id: UUID) -> bool:
    try:
        async with db.tx():
            booking = await Booking.get(id=booking_id)
            slot = await Slot.get(id=booking.slot_id)
            await booking.move("close")
            await end_code(booking)
            await push.cancel(f"booking:{booking.id}")
            await _offer_next(booking, slot)
            actor = System(name="booking.closing")
            await thread.record(booking.thread_id, "booking.closed", actor, booking_id=str(booking.id))
            await tell(booking, messages.BookingClosed)
            await free(slot.id)
    except Conflict:
        return False  # cancelled or checked in meanwhile
    return True


async def _offer_next(booking: Booking, slot: Slot) -> None:
    found = await db.fetchval(_NEXT, slot.hall_id, slot.skill, slot.starts_at, clock.now())
    if found is None:
        return
    try:
        async with db.savepoint():
            await offer(booking, await Slot.get(id=found), minutes=OFFERED_FOR, by="hall")
    except Conflict:
        return  # nothing to offer: what happened is told all the same
