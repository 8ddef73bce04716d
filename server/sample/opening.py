"""When the sample halls take bookings: as their signs say, and at the county hall after hours at a duty window too.

Somebody may look at a demo on a Sunday evening: with a duty window every day, a visit can always be made today.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time

from server import db
from server.features.booking import service as booking
from server.features.catalogue.service import HallView
from server.features.queue import service as queue
from server.sample import items
from server.sample.places import COUNTY_HALL

_WORKDAYS = (0, 1, 2, 3, 4)
_WEEKEND = (5, 6)
_HOURS = ((time(8, 30), time(12, 0)), (time(14, 0), time(17, 30)))
_EVENING = (time(17, 30), time(23, 50))
_MINUTES, _DUTY_MINUTES = 30, 20
_COUNTY_PLACES, _TOWN_PLACES, _DUTY_PLACES = 4, 2, 2
_TOWN_DAYS = 14
_ALL_DAY = 24 * 60


async def open_halls(halls: Mapping[str, HallView]) -> int:
    """Say when each hall takes bookings for what guides offer there, and make the places; gives how many are new."""
    async with db.tx():
        for key, skills in _asked_for(list(halls)).items():
            await _open(halls[key], skills, county=key == COUNTY_HALL)
    return await booking.release_slots()


def _asked_for(hall_keys: list[str]) -> dict[str, set[str]]:
    """List the skills each hall needs."""
    towns = [key for key in hall_keys if key != COUNTY_HALL]
    asked: dict[str, set[str]] = {}
    for sample in items.read():
        content = items.everywhere(sample.content, towns)
        for key in content.hall_keys if content.bookable else []:
            asked.setdefault(key, set()).add(content.skill)
    return asked


async def _open(hall: HallView, skills: set[str], *, county: bool) -> None:
    if county:
        await booking.set_policy(hall.id, confirmation="staff")
        # Whoever tries the demo books for any hour and checks in at once.
        await queue.set_policy(hall.id, opens_minutes=_ALL_DAY, walk_in_from=0, walk_in_until=_ALL_DAY, every_day=True)
    else:
        await booking.set_policy(hall.id, confirmation="auto", horizon_days=_TOWN_DAYS)
        await queue.set_policy(hall.id, opens_minutes=_ALL_DAY)
    for skill in sorted(skills):
        for opens, closes in _HOURS:
            await booking.add_rule(
                hall.id,
                skill,
                weekdays=_WORKDAYS,
                opens=opens,
                closes=closes,
                minutes=_MINUTES,
                capacity=_COUNTY_PLACES if county else _TOWN_PLACES,
            )
        if county:
            await _duty(hall, skill)


async def _duty(hall: HallView, skill: str) -> None:
    for weekdays, (opens, closes) in ((_WORKDAYS + _WEEKEND, _EVENING), *((_WEEKEND, hours) for hours in _HOURS)):
        await booking.add_rule(
            hall.id,
            skill,
            weekdays=weekdays,
            opens=opens,
            closes=closes,
            minutes=_DUTY_MINUTES,
            capacity=_DUTY_PLACES,
        )
