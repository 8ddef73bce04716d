"""Free places of a hall's month: read often, so each worker keeps an answer for at most one second."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from server import db
from server.errors import Conflict, NotFound
from server.features.booking.schemas import AvailabilityOut, AvailabilityQuery, DayOut, SlotOut
from server.features.catalogue import service as catalogue
from server.kit import clock

KEPT_FOR = timedelta(seconds=1)
KEPT_ANSWERS = 256

SLOTS_OF_MONTH = """
SELECT id, day, starts_at, ends_at, capacity - taken AS free
FROM slot
WHERE hall_id = $1 AND skill = $2 AND day BETWEEN $3 AND $4 AND starts_at > $5
ORDER BY starts_at
"""

_kept: dict[tuple[UUID, UUID, date, int], tuple[datetime, AvailabilityOut]] = {}


async def availability(query: AvailabilityQuery) -> AvailabilityOut:
    """Show the free places of a hall for an item, at most one second old; refuses what is not booked there."""
    first = max(query.first or clock.today(), clock.today())
    key = (query.hall_id, query.item_id, first, query.days)
    kept, now = _kept.get(key), clock.now()
    # By the product's own clock, so that nothing outlives a moment that was moved; backwards counts as old, too.
    if kept is not None and timedelta(0) <= now - kept[0] < KEPT_FOR:
        return kept[1]
    answer = await _read(query, first)
    if len(_kept) >= KEPT_ANSWERS:
        _kept.clear()
    _kept[key] = (now, answer)
    return answer


async def skill_of(item_id: UUID, hall_id: UUID) -> str:
    """Tell which queue of the hall serves the item; refuses an item that is not booked, or not there."""
    guide = await catalogue.current_guide(item_id)
    if not guide.content.bookable:
        raise Conflict("booking.not_bookable")
    hall = await catalogue.hall(hall_id)
    if guide.content.hall_keys and hall.key not in guide.content.hall_keys:
        raise NotFound("booking.not_in_this_hall")
    return guide.content.skill


async def _read(query: AvailabilityQuery, first: date) -> AvailabilityOut:
    skill = await skill_of(query.item_id, query.hall_id)
    last = first + timedelta(days=query.days - 1)
    rows = await db.fetch(SLOTS_OF_MONTH, query.hall_id, skill, first, last, clock.now())
    by_day: dict[date, list[SlotOut]] = {}
    for row in rows:
        by_day.setdefault(row["day"], []).append(
            SlotOut(
                id=row["id"],
                starts_at=row["starts_at"],
                ends_at=row["ends_at"],
                free=row["free"],
                full=row["free"] == 0,
            )
        )
    days = [first + timedelta(days=offset) for offset in range(query.days)]
    return AvailabilityOut(
        hall_id=query.hall_id, item_id=query.item_id, days=[_day(day, by_day.get(day, [])) for day in days]
    )


def _day(day: date, slots: list[SlotOut]) -> DayOut:
    return DayOut(date=day, open=bool(slots), free=sum(slot.free for slot in slots), slots=slots)
