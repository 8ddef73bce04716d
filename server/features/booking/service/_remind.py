"""Reminders, read off the bookings as they stand: they follow a booking wherever it moves and end with it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from server import db
from server.features.booking import messages
from server.features.booking.models import Booking
from server.features.booking.service._view import Told, tell
from server.kit import clock

A_DAY, SOON = 1, 2
SOON_BEFORE = timedelta(hours=2)
# Nobody is woken for what is tomorrow.
FROM, UNTIL = time(8), time(21)
AT_ONCE = 500

# Claimed before it is said, in the transaction that says it: two workers never remind twice.
_CLAIM = """
    UPDATE booking SET reminded = $3 WHERE id = ANY(ARRAY(
        SELECT booking.id FROM booking JOIN slot ON slot.id = booking.slot_id
        WHERE booking.day = ANY($4::date[]) AND booking.state = 'confirmed' AND booking.reminded < $3
            AND slot.starts_at > $1 AND slot.starts_at <= $2
        ORDER BY slot.starts_at LIMIT $5 FOR UPDATE OF booking SKIP LOCKED))
    RETURNING id
"""


def reminders_left(booking: Booking) -> tuple[type[Told], ...]:
    """List the reminders that will still be said of a visit that stands, the soonest first."""
    both = ((A_DAY, messages.BookingTomorrow), (SOON, messages.BookingSoon))
    return tuple(message for level, message in both if booking.reminded < level)


async def remind() -> int:
    """Say to everybody who comes within two hours, and within a day, that they are expected."""
    now = clock.now()
    said = await _say(now, now + SOON_BEFORE, SOON, messages.BookingSoon)
    if FROM <= now.astimezone(clock.SHANGHAI).time() < UNTIL:
        said += await _say(now + SOON_BEFORE, now + timedelta(days=1), A_DAY, messages.BookingTomorrow)
    return said


@db.transactional
async def _say(after: datetime, until: datetime, level: int, message: type[Told]) -> int:
    today = clock.today()
    rows = await db.fetch(_CLAIM, after, until, level, [today, today + timedelta(days=1)], AT_ONCE)
    ids: list[UUID] = [row["id"] for row in rows]
    for booking in await Booking.filter(id__in=ids):
        await tell(booking, message)
    return len(ids)
