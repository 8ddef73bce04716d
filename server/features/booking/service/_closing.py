"""A time is closed while people have it, were offered it, or wait for it: each is told.

Where there is another time it is kept for whoever loses one; whoever only waited for a day may choose another.
"""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import System
from server.errors import Conflict
from server.features.booking import messages
from server.features.booking.models import Booking, Slot, Waiting, WaitState
from server.features.booking.service._book import wind_up
from server.features.booking.service._desk import OFFERED_FOR
from server.features.booking.service._hold import offer
from server.features.booking.service._view import tell
from server.features.booking.service._waitlist import free
from server.features.catalogue import service as catalogue
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock

AT_ONCE = 200
_ON_CLOSED = """
    SELECT booking.id FROM booking JOIN slot ON slot.id = booking.slot_id
    WHERE slot.closed AND slot.starts_at > $1 AND booking.state IN ('held', 'requested', 'confirmed')
        AND booking.day >= $2
    ORDER BY slot.starts_at, booking.created_at LIMIT $3
"""
# The next one that has room, at the same counter.
_NEXT = """
    SELECT id FROM slot WHERE hall_id = $1 AND skill = $2 AND starts_at > $3 AND starts_at > $4
        AND taken < capacity AND NOT closed
    ORDER BY starts_at LIMIT 1
"""


# A day that was closed while people wait for it: places of it are shut and none is left.
_FOR_NOTHING = """
    SELECT id FROM waitlist
    WHERE state = 'waiting' AND day >= $2
        AND EXISTS (SELECT 1 FROM slot WHERE slot.hall_id = waitlist.hall_id AND slot.skill = waitlist.skill
            AND slot.day = waitlist.day AND slot.starts_at > $1 AND slot.closed)
        AND NOT EXISTS (SELECT 1 FROM slot WHERE slot.hall_id = waitlist.hall_id AND slot.skill = waitlist.skill
            AND slot.day = waitlist.day AND slot.starts_at > $1 AND NOT slot.closed)
    ORDER BY created_at, id LIMIT $3
"""


async def move_closed() -> int:
    """Tell everybody whose time or day was closed, and keep another time for who had one; one transaction each."""
    now, today = clock.now(), clock.today()
    moved = sum([await _move(row["id"]) for row in await db.fetch(_ON_CLOSED, now, today, AT_ONCE)])
    return moved + sum([await _end_wait(row["id"]) for row in await db.fetch(_FOR_NOTHING, now, today, AT_ONCE)])


@db.transactional
async def _end_wait(waiting_id: UUID) -> bool:
    if not await Waiting.filter(id=waiting_id, state=WaitState.WAITING).update(state=WaitState.LAPSED):
        return False  # they have left, or something was offered meanwhile
    waiting = await Waiting.get(id=waiting_id)
    item = (await catalogue.items([waiting.item_id]))[waiting.item_id]
    await push.send(
        messages.WaitEnded(
            item_id=str(item.id),
            hall_id=str(waiting.hall_id),
            item=item.name,
            hall=(await catalogue.hall(waiting.hall_id)).name,
            day=waiting.day,
        ),
        to=push.To(person_id=waiting.person_id, account_id=waiting.account_id),
        dedupe=f"booking.wait_ended:{waiting.id}",
    )
    return True


async def _move(booking_id: UUID) -> bool:
    try:
        async with db.tx():
            booking = await Booking.get(id=booking_id)
            slot = await Slot.get(id=booking.slot_id)
            await booking.move("close")
            await Waiting.filter(booking_id=booking.id, state=WaitState.OFFERED).update(state=WaitState.LAPSED)
            await wind_up(booking)
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
