"""Numbers taken in the sample halls over the past weeks, so that a demo can say when few people come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from random import Random

from server import db
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import HallView, WindowView
from server.features.queue import service as queue
from server.kit import clock
from server.kit.ids import new_id
from server.sample.places import COUNTY_HALL, town_key

_WEEKS = 4
_SEED = 341226
# People an hour of a working day, as halls know it: the morning's middle is full, the early afternoon is not.
_MORNING = {8: 6, 9: 12, 10: 10, 11: 5}
_AFTERNOON = {14: 3, 15: 6, 16: 7, 17: 2}
_MONDAY = 1.5
_HALLS = {COUNTY_HALL: 1.0, town_key("341226100"): 0.3}
_SKILLS = ("general", "general", "social", "police", "market", "property")

_PAST = """
INSERT INTO ticket (id, created_at, hall_id, skill, day, place_at, rank_at, number, state, called_at, finished_at,
    calls, window_id)
SELECT id, at, hall_id, skill, day, at, at, number, 'done', called_at, finished_at, 1, window_id
FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::date[], $6::text[], $7::timestamptz[],
    $8::timestamptz[], $9::uuid[]) AS past (id, at, hall_id, skill, day, number, called_at, finished_at, window_id)
ON CONFLICT (hall_id, day, number) DO NOTHING
"""
_THERE = "SELECT EXISTS (SELECT 1 FROM ticket WHERE hall_id = $1 AND day < $2)"

_Row = tuple[object, ...]


async def remember(halls: Mapping[str, HallView]) -> int:
    """Write down the visits of the weeks before today, once; gives how many are new."""
    today = clock.today()
    if await db.fetchval(_THERE, halls[COUNTY_HALL].id, today):
        return 0
    first = today - timedelta(weeks=_WEEKS)
    working = await catalogue.day_table(first, today)
    dice = Random(_SEED)  # noqa: S311 - a sample, the same every time
    windows = {key: await queue.kinds_of(halls[key].id) for key in _HALLS}
    rows = [
        row
        for key, share in _HALLS.items()
        for offset in range((today - first).days)
        if working[first + timedelta(days=offset)]
        for row in _day(halls[key], windows[key], first + timedelta(days=offset), share, dice)
    ]
    await db.execute(_PAST, *map(list, zip(*rows, strict=True)))
    return len(rows)


def _day(
    hall: HallView, kinds: Mapping[str, list[WindowView]], day: date, share: float, dice: Random
) -> Iterator[_Row]:
    number = 0
    for hour, usual in (_MORNING | _AFTERNOON).items():
        people = round(usual * share * (_MONDAY if day.weekday() == 0 else 1.0) * dice.uniform(0.7, 1.3))
        for minute in sorted(dice.randrange(60) for _ in range(people)):
            number += 1
            at = datetime.combine(day, time(hour, minute), clock.SHANGHAI)
            called = at + timedelta(minutes=dice.uniform(1, 3 * usual))
            done = called + timedelta(minutes=dice.uniform(5, 14))
            skill = dice.choice(_SKILLS)
            window = dice.choice(kinds[skill]).id if skill in kinds else None
            yield new_id(), at, hall.id, skill, day, f"B{number:03d}", called, done, window
