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
ON CONFLICT (hall_id, skill, weekday, opens)
DO UPDATE SET closes = excluded.closes, minutes = excluded.minutes, capacity = excluded.capacity
"""

INSERT_SLOTS = """
INSERT INTO slot (id, created_at, hall_id, skill, day, starts_at, ends_at, capacity)
SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::date[],
                     $6::timestamptz[], $7::timestamptz[], $8::int[])
ON CONFLICT (hall_id, skill, starts_at) DO NOTHING
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


def rules_for(day: date, rules: list[SlotRule], *, working: bool) -> list[SlotRule]:
    """Pick the rules of one date: a make-up workday on a weekend runs as a Monday, a holiday has none."""
    if working:
        weekday = day.weekday() if day.weekday() < SATURDAY else MONDAY
    elif day.weekday() >= SATURDAY:
        weekday = day.weekday()
    else:
        return []
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


async def release_slots() -> int:
    """Make the places of every hall up to its horizon; run any number of times, it adds only what is missing."""
    first = clock.today()
    horizons = {policy.hall_id: policy.horizon_days for policy in await BookingPolicy.all()}
    default = BookingPolicy(hall_id=new_id()).horizon_days
    by_hall: dict[UUID, list[SlotRule]] = {}
    for rule in await SlotRule.all():
        by_hall.setdefault(rule.hall_id, []).append(rule)
    last = first + timedelta(days=max([default, *horizons.values()]))
    days = await catalogue.day_table(first, last)
    added = 0
    for hall_id, rules in by_hall.items():
        horizon = horizons.get(hall_id, default)
        dates = [first + timedelta(days=offset) for offset in range(horizon + 1)]
        rows = [
            (new_id(), clock.now(), hall_id, rule.skill, day, begin, end, rule.capacity)
            for day in dates
            for rule in rules_for(day, rules, working=days[day])
            for begin, end in starts(rule, day)
        ]
        if rows:
            added += int((await db.execute(INSERT_SLOTS, *map(list, zip(*rows, strict=True)))).split()[-1])
    return added
