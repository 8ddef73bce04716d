"""Places made of rules: what should be there, what stands there, and what a change would do to it.

What stands in the rules is what there is: places that are missing are made, those no rule wants any more are closed.
A place is never removed, and never has room for fewer than have taken it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from server import db
from server.errors import Conflict
from server.features.booking.models import LIVE, BookingPolicy, HallChange, SlotRule
from server.features.booking.service._slots import policy_of, rules_for, starts
from server.features.booking.service._waitlist import serve_lines
from server.features.booking.service._week import Weeks, weeks_of
from server.features.catalogue import service as catalogue
from server.kit import clock
from server.kit.ids import new_id
from server.kit.spoken import spoken

LONGEST = 150
SEASON, SPECIAL, CLOSED = "season", "special", "closed"
SHOWN = 12
Wanted = dict[tuple[str, datetime], tuple[date, datetime, int]]
Standing = dict[tuple[str, datetime], db.Record]

_INSERT = """
    INSERT INTO slot (id, created_at, hall_id, skill, day, starts_at, ends_at, capacity)
    SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::date[],
                         $6::timestamptz[], $7::timestamptz[], $8::int[])
    ON CONFLICT (hall_id, skill, starts_at) DO NOTHING
"""
_OPEN_AGAIN = """
    UPDATE slot SET closed = false, closed_reason = NULL, capacity = greatest(wanted.capacity, slot.taken),
        ends_at = CASE WHEN slot.taken > 0 THEN slot.ends_at ELSE wanted.ends_at END
    FROM unnest($2::text[], $3::timestamptz[], $4::timestamptz[], $5::int[])
        AS wanted (skill, starts_at, ends_at, capacity)
    WHERE slot.hall_id = $1 AND slot.skill = wanted.skill AND slot.starts_at = wanted.starts_at
        AND (slot.closed OR (slot.ends_at <> wanted.ends_at AND slot.taken = 0)
            OR slot.capacity <> greatest(wanted.capacity, slot.taken))
"""
_STANDING = """
    SELECT id, skill, day, starts_at, ends_at, taken, capacity, closed FROM slot
    WHERE hall_id = $1 AND day >= $2 AND starts_at > $3
"""
_CLOSE = "UPDATE slot SET closed = true WHERE id = ANY($1::uuid[]) AND NOT closed"
# Beyond the horizon nothing is given any more; whoever has a place there keeps it.
_NO_MORE = """
    UPDATE slot SET closed = (taken = 0), capacity = greatest(taken, 1)
    WHERE hall_id = $1 AND day > $2 AND NOT closed AND taken < capacity
"""
_TOUCHED = """
    SELECT slot.starts_at, booking.item_id, count(*) OVER () AS number
    FROM booking JOIN slot ON slot.id = booking.slot_id
    WHERE booking.slot_id = ANY($1::uuid[]) AND booking.state = ANY($2::text[])
    ORDER BY slot.starts_at, booking.id LIMIT $3
"""
_IN_LINE = """
    SELECT count(*) FROM waitlist JOIN unnest($2::text[], $3::date[]) AS emptied (skill, day) USING (skill, day)
    WHERE hall_id = $1 AND state = 'waiting'
"""


@dataclass(frozen=True, slots=True)
class Touched:
    """One booking that a change touches."""

    starts_at: datetime
    item: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change would do: places that come, that close, that get another number, and how many bookings it touches.

    `touched` are the first of those bookings, `kept` counts those that keep a length which places no longer have,
    `waiting` who waits in line for a day on which nothing is left.
    """

    opened: int
    closed: int
    bookings: int
    resized: int = 0
    touched: tuple[Touched, ...] = ()
    kept: int = 0
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything places are made of, for one hall."""

    policy: BookingPolicy
    weeks: Weeks
    changes: list[HallChange] = field(default_factory=list)


async def plan_of(hall_id: UUID) -> Plan:
    """Read what holds now."""
    changes = await HallChange.filter(hall_id=hall_id, ended_at__isnull=True)
    return Plan(await policy_of(hall_id), await weeks_of(hall_id), changes)


async def release_slots() -> int:
    """Bring the places of every hall up to its rules and horizon; run any number of times. Gives how many are new."""
    halls = {rule.hall_id for rule in await SlotRule.all()}
    new = sum([await bring(hall_id) for hall_id in sorted(halls)])
    await serve_lines()
    return new


async def bring(hall_id: UUID) -> int:
    """Bring the places of one hall up to its rules and horizon; gives how many are new."""
    plan = await plan_of(hall_id)
    days = await days_of(plan.policy)
    standing = {(row["skill"], row["starts_at"]): row for row in await _standing(hall_id, days)}
    wanted = _beside_who_has_one(wanted_of(plan, days), standing)
    now = clock.now()
    rows = [
        (new_id(), now, hall_id, skill, day, begins, ends, capacity)
        for (skill, begins), (day, ends, capacity) in wanted.items()
    ]
    async with db.tx():
        added = 0
        if rows:
            _, _, _, skills, _, begin, end, capacities = map(list, zip(*rows, strict=True))
            added = int((await db.execute(_INSERT, *map(list, zip(*rows, strict=True)))).split()[-1])
            await db.execute(_OPEN_AGAIN, hall_id, skills, begin, end, capacities)
        gone = [
            row["id"]
            for key, row in standing.items()
            if row["day"] <= max(days) and not row["closed"] and key not in wanted
        ]
        if gone:
            await db.execute(_CLOSE, gone)
    return added


async def shorten(hall_id: UUID) -> None:
    """Take back what lies beyond a horizon that has come nearer, in the caller's transaction."""
    days = await days_of(await policy_of(hall_id), released=True)
    await db.execute(_NO_MORE, hall_id, max(days))


async def days_of(policy: BookingPolicy, *, released: bool = False) -> dict[date, catalogue.CalendarDay]:
    """List the days that are open for booking: so many working days ahead, the last from the minute of release on."""
    today = clock.today()
    table = await catalogue.calendar_days(today, today + timedelta(days=LONGEST))
    ahead = policy.horizon_days
    opens = datetime.combine(today, time(), clock.SHANGHAI) + timedelta(minutes=policy.release_minute)
    if not released and clock.now() < opens:
        ahead -= 1
    days: dict[date, catalogue.CalendarDay] = {}
    for one in table:
        if one.day > today and one.working:
            ahead -= 1
        if ahead < 0:
            break
        days[one.day] = one
    return days


def wanted_of(plan: Plan, days: dict[date, catalogue.CalendarDay]) -> Wanted:
    """Say which places there should be on these days."""
    wanted: Wanted = {}
    for day, known in days.items():
        today = [one for one in plan.changes if one.covers(day)]
        # A season replaces the working week of its skill: duty hours of a weekend stay, and so does a holiday without
        # any; a special opening is for any day.
        seasons = [_rule(one) for one in today if one.kind == SEASON and known.working]
        replaced = {rule.skill for rule in seasons}
        usual = [rule for rule in rules_for(known, plan.weeks.on(day)) if rule.skill not in replaced]
        rules = [*usual, *seasons, *(_rule(one) for one in today if one.kind == SPECIAL)]
        for rule in rules:
            for begins, ends in starts(rule, day):
                if not any(shuts(one, rule.skill, begins, ends) for one in today):
                    wanted[rule.skill, begins] = (day, ends, rule.capacity)
    return wanted


def _rule(change: HallChange) -> SlotRule:
    return SlotRule(
        hall_id=change.hall_id,
        skill=change.skill,
        weekday=0,
        opens=change.opens,
        closes=change.closes,
        minutes=change.minutes,
        capacity=change.capacity,
    )


def shuts(change: HallChange, skill: str, begins: datetime, ends: datetime) -> bool:
    """Say whether a change that covers the day closes a place of it."""
    if change.kind != CLOSED or change.skill not in (None, skill):
        return False
    if change.opens is None or change.closes is None:
        return True
    midnight = datetime.combine(begins.astimezone(clock.SHANGHAI).date(), time(), clock.SHANGHAI)
    return begins < midnight + timedelta(minutes=change.closes) and ends > midnight + timedelta(minutes=change.opens)


async def _standing(hall_id: UUID, days: dict[date, catalogue.CalendarDay]) -> list[db.Record]:
    return await db.fetch(_STANDING, hall_id, min(days), clock.now())


async def effect_of(hall_id: UUID, after: Plan, locale: str) -> Effect:
    """Say what would become of the places of a hall. Refuses `booking.below_taken` as `_never_below` says."""
    before = await plan_of(hall_id)
    days = await days_of(after.policy)
    rows = {(row["skill"], row["starts_at"]): row for row in await _standing(hall_id, days)}
    wanted, held = _beside_who_has_one(wanted_of(after, days), rows), wanted_of(before, await days_of(before.policy))
    _never_below(wanted, held, rows, locale)
    last, nearer = max(days), after.policy.horizon_days < before.policy.horizon_days
    gone = [
        row["id"]
        for key, row in rows.items()
        if key not in wanted and not row["closed"] and (row["day"] <= last or (nearer and not row["taken"]))
    ]
    ahead = {key: value for key, value in wanted.items() if key[1] > clock.now()}
    new = [key for key in ahead if key not in rows or rows[key]["closed"]]
    resized = [key for key, (_, _, capacity) in ahead.items() if key in rows and rows[key]["capacity"] != capacity]
    touched = await db.fetch(_TOUCHED, gone, [state.value for state in LIVE], SHOWN)
    items = await catalogue.items({row["item_id"] for row in touched})
    return Effect(
        len(new),
        len(gone),
        touched[0]["number"] if touched else 0,
        len(set(resized) - set(new)),
        tuple(Touched(row["starts_at"], items[row["item_id"]].name) for row in touched),
        sum(rows[key]["taken"] for key in _other_length(wanted, rows) if key not in _other_length(held, rows)),
        await _in_line(hall_id, _emptied(wanted, rows)),
    )


def _other_length(wanted: Wanted, rows: Standing) -> set[tuple[str, datetime]]:
    """Name the places somebody has whose end is not the one that is wanted by now: they keep it."""
    return {
        key
        for key, row in rows.items()
        if row["taken"] and not row["closed"] and key in wanted and wanted[key][1] != row["ends_at"]
    }


def _beside_who_has_one(wanted: Wanted, rows: Standing) -> Wanted:
    """Leave out what would begin within a place of another length that somebody has: two would sit at one window."""
    within: dict[str, list[tuple[datetime, datetime]]] = {}
    for skill, begins in _other_length(wanted, rows):
        within.setdefault(skill, []).append((begins, rows[skill, begins]["ends_at"]))
    return {
        (skill, begins): value
        for (skill, begins), value in wanted.items()
        if ((skill, begins) in rows and rows[skill, begins]["taken"])
        or not any(first < begins < last for first, last in within.get(skill, ()))
    }


def _emptied(wanted: Wanted, rows: Standing) -> set[tuple[str, date]]:
    """Name the days on which a kind of business has places now and none any more."""
    left = {(skill, day) for (skill, begins), (day, _, _) in wanted.items() if begins > clock.now()}
    return {(row["skill"], row["day"]) for row in rows.values() if not row["closed"]} - left


async def _in_line(hall_id: UUID, days: set[tuple[str, date]]) -> int:
    skills, dates = [skill for skill, _ in days], [day for _, day in days]
    number: int = await db.fetchval(_IN_LINE, hall_id, skills, dates)
    return number


def _never_below(wanted: Wanted, before: Wanted, rows: Standing, locale: str) -> None:
    """Refuse a number below what is taken, saying where, how many it must be, and from which day it could be less.

    Of a time that is shut nobody is promised anything: it opens with as many as have it.
    """
    fewer = [
        key
        for key, (_, _, capacity) in wanted.items()
        if key in rows
        and not rows[key]["closed"]
        and rows[key]["taken"] > capacity
        and (key not in before or capacity < before[key][2])
    ]
    if not fewer:
        return
    first, last = min(key[1] for key in fewer), max(key[1] for key in fewer)
    raise Conflict(
        "booking.below_taken",
        at=spoken(locale, first),
        count=len(fewer),
        least=max(rows[key]["taken"] for key in fewer),
        day=spoken(locale, last.astimezone(clock.SHANGHAI).date() + timedelta(days=1)),
    )
