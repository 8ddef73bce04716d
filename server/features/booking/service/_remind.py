"""Reminders, read off the bookings as they stand: they follow a booking wherever it moves and end with it.

The day before is said on the day before, and reaches nobody later. Two hours before is said as long as it helps.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from server import db
from server.features.booking import messages
from server.features.booking.models import Booking
from server.features.booking.service._view import cause_of, place_of
from server.features.push import service as push
from server.kit import clock

A_DAY, SOON = 1, 2
DAY_BEFORE, SOON_BEFORE = timedelta(days=1), timedelta(hours=2)
# Whoever is not on their way by now does not arrive in time by being told.
TOO_LATE = timedelta(minutes=15)
# Nobody is reminded of what they have just done.
JUST_DONE = timedelta(minutes=30)
# Nobody is woken for what is tomorrow; who comes late in the evening is told in the last hour before that.
FROM, LAST_HOUR, UNTIL = time(8), time(20), time(21)
AT_ONCE = 500

# Claimed before it is said, in the transaction that says it: two workers never remind twice.
_CLAIM = """
    UPDATE booking SET reminded = $4 WHERE id = ANY(ARRAY(
        SELECT booking.id FROM booking JOIN slot ON slot.id = booking.slot_id
        WHERE booking.day = ANY($5::date[]) AND booking.state = 'confirmed' AND booking.reminded < $4
            AND slot.starts_at > $1 AND slot.starts_at <= $2 AND booking.created_at <= $3
        ORDER BY slot.starts_at LIMIT $6 FOR UPDATE OF booking SKIP LOCKED))
    RETURNING id
"""


def reminders_left(booking: Booking) -> tuple[type[messages.BookingReminder], ...]:
    """List the reminders that will still be said of a visit that stands, the soonest first."""
    left: list[type[messages.BookingReminder]] = []
    if booking.reminded < A_DAY and clock.now() < datetime.combine(_eve(booking), UNTIL, clock.SHANGHAI):
        left.append(messages.BookingTomorrow)
    if booking.reminded < SOON:
        left.append(messages.BookingSoon)
    return tuple(left)


async def remind() -> int:
    """Say to everybody who comes within two hours, and to those who come tomorrow, that they are expected."""
    now, today = clock.now(), clock.today()
    tomorrow = today + timedelta(days=1)
    said = await _say(now + TOO_LATE, now + SOON_BEFORE, SOON, today, tomorrow)
    local = now.astimezone(clock.SHANGHAI).time()
    if FROM <= local < UNTIL:
        until = now + DAY_BEFORE if local < LAST_HOUR else now + 2 * DAY_BEFORE
        said += await _say(now + SOON_BEFORE, until, A_DAY, tomorrow)
    return said


@db.transactional
async def _say(after: datetime, until: datetime, level: int, *days: date) -> int:
    rows = await db.fetch(_CLAIM, after, until, clock.now() - JUST_DONE, level, list(days), AT_ONCE)
    ids: list[UUID] = [row["id"] for row in rows]
    for booking in await Booking.filter(id__in=ids):
        message = await _message(booking, level)
        await push.send(
            message,
            to=push.To(person_id=booking.person_id),
            thread_id=booking.thread_id,
            dedupe=f"{message.kind}:{booking.id}",
            cause=cause_of(booking.id),
        )
    return len(ids)


async def _message(booking: Booking, level: int) -> messages.BookingReminder:
    at = await place_of(booking)
    item, hall, starts_at = at.guide.item.name, at.hall.name, at.slot.starts_at
    if level == SOON:
        return messages.BookingSoon(booking_id=str(booking.id), item=item, hall=hall, starts_at=starts_at)
    until = datetime.combine(booking.day, time(), clock.SHANGHAI)
    return messages.BookingTomorrow(booking_id=str(booking.id), item=item, hall=hall, starts_at=starts_at, until=until)


def _eve(booking: Booking) -> date:
    return booking.day - timedelta(days=1)
