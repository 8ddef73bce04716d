"""Free places of a hall's month: read often, so each worker keeps an answer for at most one second."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from server import db
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.booking.schemas import AvailabilityOut, AvailabilityQuery, DayOut, SlotOut
from server.features.booking.service._slots import policy_of
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView, HallView
from server.kit import clock, wire

KEPT_FOR = timedelta(seconds=1)
KEPT_ANSWERS = 256

SLOTS_OF_MONTH = """
SELECT id, day, starts_at, ends_at, capacity - taken AS free
FROM slot
WHERE hall_id = $1 AND skill = $2 AND day BETWEEN $3 AND $4 AND starts_at > $5 AND NOT closed
ORDER BY starts_at
"""

_BEHIND = """
SELECT day FROM slot WHERE hall_id = $1 AND skill = $2 AND starts_at >= $3 AND NOT closed ORDER BY starts_at LIMIT 1
"""


@dataclass(slots=True)
class _Kept:
    """One month as it went out, when it was read, and who is reading it anew: many ask, one looks."""

    read_at: datetime | None = None
    body: bytes = b""
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    def fresh(self) -> bool:
        # By the product's own clock, so that nothing outlives a moment that was moved; backwards counts as old, too.
        return self.read_at is not None and timedelta(0) <= clock.now() - self.read_at < KEPT_FOR


_kept: dict[tuple[UUID, UUID, date, int], _Kept] = {}


async def availability_body(query: AvailabilityQuery) -> bytes:
    """Give `availability` as JSON, at most one second old."""
    first = _first(query)
    key = (query.hall_id, query.item_id, first, query.days)
    kept = _kept.get(key)
    if kept is None:
        if len(_kept) >= KEPT_ANSWERS:
            _kept.clear()
        kept = _kept[key] = _Kept()
    if not kept.fresh():
        async with kept.reading:
            if not kept.fresh():
                began = clock.now()
                kept.body = wire.encode(await availability(query))
                kept.read_at = began
    return kept.body


async def availability(query: AvailabilityQuery) -> AvailabilityOut:
    """Read the free places of a hall for an item; refuses what is not booked there, and days beyond the calendar."""
    return await _read(query, _first(query))


def _first(query: AvailabilityQuery) -> date:
    today = clock.today()
    first = today if query.first is None else max(query.first, today)
    # Not only the days themselves: what is free behind them is looked for from the day after the last.
    if (date.max - first).days < query.days:
        raise InvalidInput("invalid_input", fields=(FieldError("from", "out_of_range"),))
    return first


async def served_in(item_id: UUID, hall_id: UUID) -> tuple[GuideView, HallView]:
    """Give guide and hall of an item that is booked there; refuses an item that is not booked, or not there."""
    guide = await catalogue.current_guide(item_id)
    if not guide.content.bookable:
        raise Conflict("booking.not_bookable")
    hall = await catalogue.hall(hall_id)
    if guide.content.hall_keys and hall.key not in guide.content.hall_keys:
        raise NotFound("booking.not_in_this_hall")
    return guide, hall


def require_audience(guide: GuideView, enterprise_id: UUID | None) -> None:
    """Refuse `booking.enterprise_only` to a person, `booking.person_only` to an enterprise the guide is not for."""
    if ("person" if enterprise_id is None else "enterprise") not in guide.content.audience:
        raise Conflict("booking.enterprise_only" if enterprise_id is None else "booking.person_only")


async def _read(query: AvailabilityQuery, first: date) -> AvailabilityOut:
    guide, _ = await served_in(query.item_id, query.hall_id)
    last = first + timedelta(days=query.days - 1)
    rows = await db.fetch(SLOTS_OF_MONTH, query.hall_id, guide.content.skill, first, last, clock.now())
    behind = datetime.combine(last + timedelta(days=1), time(), clock.SHANGHAI)
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
        hall_id=query.hall_id,
        item_id=query.item_id,
        cancel_minutes=(await policy_of(query.hall_id)).cancel_minutes,
        days=[_day(day, by_day.get(day, [])) for day in days],
        next=await db.fetchval(_BEHIND, query.hall_id, guide.content.skill, behind),
    )


def _day(day: date, slots: list[SlotOut]) -> DayOut:
    return DayOut(date=day, open=bool(slots), free=sum(slot.free for slot in slots), slots=slots)
