"""How many numbers one person, one kiosk and one hall may have: a photograph of a poster empties no line."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server.errors import Conflict
from server.features.queue.models import UNFINISHED, QueuePolicy, Ticket
from server.kit import clock

MINUTE = timedelta(minutes=1)


async def check_person(policy: QueuePolicy, person_id: UUID) -> None:
    """Refuse one number more than a person may hold at once, or take on a day, without a booking.

    Refuses: `queue.too_many_live`, `queue.too_many_today`. Under the lock of the hall's arrivals.
    """
    rows = Ticket.of_people((person_id,)).filter(hall_id=policy.hall_id, day=clock.today(), booking_id__isnull=True)
    taken = await rows
    if sum(one.state in UNFINISHED for one in taken) >= policy.person_live:
        raise Conflict("queue.too_many_live", limit=policy.person_live)
    if len(taken) >= policy.person_day:
        raise Conflict("queue.too_many_today", limit=policy.person_day)


async def check_kiosk(policy: QueuePolicy, device_id: UUID) -> None:
    """Refuse one number more than a kiosk may give in a minute, or a hall may have waiting without a name.

    Refuses: `queue.kiosk_too_fast`, `queue.kiosk_full`. Under the lock of the hall's arrivals.
    """
    lately = Ticket.filter(device_id=device_id, created_at__gt=clock.now() - MINUTE)
    if await lately.count() >= policy.kiosk_minute:
        raise Conflict("queue.kiosk_too_fast")
    unnamed = Ticket.filter(
        hall_id=policy.hall_id, day=clock.today(), person_id__isnull=True, device_id__isnull=False, state__in=UNFINISHED
    )
    if await unnamed.count() >= policy.unnamed_live:
        raise Conflict("queue.kiosk_full")
