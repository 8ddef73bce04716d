"""Supply: from rules and the hall's working days to places that can be taken."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from server import db
from server.features.booking.models import BookingPolicy, SlotRule
from server.features.catalogue import service as catalogue
from server.kit import clock
from server.kit.ids import new_id

MONDAY = 0
SATURDAY = 5

UPSERT_RULES = """
INSERT INTO slot_rule (id, created_at, hall_id, skill, weekday, opens, closes, minutes, capacity)
SELECT id, $3, $4, $5, weekday, $6, $7, $8, $9 FROM unnest($1::uuid[], $2::int[]) AS wanted (id, weekday)
ON CONFLICT (hall_id, skill, weekday, opens, plan_id)
DO UPDATE SET closes = excluded.closes, minutes = excluded.minutes, capacity = excluded.capacity
"""


@db.transactional
async def set_policy(hall_id: UUID, **changes: str | int) -> None:
    """Say how a hall takes bookings; what is not named keeps its value (or the default, the first time)."""
    policy = await BookingPolicy.get_or_none(hall_id=hall_id) or BookingPolicy(hall_id=hall_id)
    await policy.update_from_dict(changes).save()


async def policy_of(hall_id: UUID) -> BookingPolicy:
    """Look up how a hall takes bookings; a hall without a policy has the defaults."""
    return await BookingPolicy.get_or_none(hall_id=hall_id) or BookingPolicy(hall_id=hall_id)


async def add_rule(
    hall_id: UUID, skill: str, *, weekdays: tuple[int, ...], opens: time, closes: time, minutes: int, capacity: int
) -> None:
    """Open a stretch of the given weekdays (0 is Monday). Saying it twice changes the first, and adds nothing."""
    ids = [new_id() for _ in weekdays]
    await db.execute(
        UPSERT_RULES, ids, list(weekdays), clock.now(), hall_id, skill, _minute(opens), _minute(closes), minutes,
        capacity,
    )  # fmt: skip


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def rules_for(day: catalogue.CalendarDay, rules: list[SlotRule]) -> list[SlotRule]:
    """Pick the rules of one date: a make-up workday on a weekend runs as a Monday, a holiday has none."""
    if day.holiday:
        return []
    weekday = day.day.weekday()
    if day.working and weekday >= SATURDAY:
        weekday = MONDAY
    return [rule for rule in rules if rule.weekday == weekday]


def starts(rule: SlotRule, day: date) -> list[tuple[datetime, datetime]]:
    """Cut one rule into (start, end) pairs of one date; a rest shorter than a place is not offered."""
    step = timedelta(minutes=rule.minutes)
    midnight = datetime.combine(day, time(), clock.SHANGHAI)
    moment = midnight + timedelta(minutes=rule.opens)
    end = midnight + timedelta(minutes=rule.closes)
    cuts = []
    while moment + step <= end:
        cuts.append((moment, moment + step))
        moment += step
    return cuts
