"""What a hall's calendar says of one moment: whoever comes without a booking goes by it, too."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from server.features.booking.models import HallChange
from server.features.booking.service._making import CLOSED, SPECIAL
from server.kit import clock

# Nobody looks further ahead for the day a hall opens again.
LONGEST_SHUT = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Standing:
    """One hall at one moment. `shut`: why nobody is served; `skills_shut`: why one kind is not; `opened`: kinds served
    besides the usual hours, on a holiday or in the evening.
    """

    shut: str | None
    skills_shut: Mapping[str, str]
    opened: frozenset[str]


async def standing(hall_id: UUID, moment: datetime) -> Standing:
    """Look up closures and special openings that are in force at a moment."""
    return (await standings([hall_id], moment))[hall_id]


async def standings(hall_ids: Collection[UUID], moment: datetime) -> dict[UUID, Standing]:
    """Look them up for many halls at once."""
    local = moment.astimezone(clock.SHANGHAI)
    minute = local.hour * 60 + local.minute
    rows = await HallChange.filter(
        hall_id__in=hall_ids, ended_at__isnull=True, first_on__lte=local.date(), last_on__gte=local.date()
    ).order_by("created_at")
    here = [one for one in rows if one.covers(local.date()) and _holds(one, minute)]
    return {hall_id: _standing([one for one in here if one.hall_id == hall_id]) for hall_id in hall_ids}


async def reopens(hall_id: UUID, day: date) -> date | None:
    """Say on which day a hall that is shut as a whole on a day opens again; None for one that is not shut."""
    until = day + LONGEST_SHUT
    rows = await HallChange.filter(
        hall_id=hall_id,
        kind=CLOSED,
        skill=None,
        opens=None,
        ended_at__isnull=True,
        first_on__lte=until,
        last_on__gte=day,
    )
    found = day
    while found < until and any(one.covers(found) for one in rows):
        found += timedelta(days=1)
    return None if found == day else found


def _standing(here: list[HallChange]) -> Standing:
    closures = [one for one in here if one.kind == CLOSED]
    return Standing(
        shut=next((one.reason for one in closures if one.skill is None), None),
        skills_shut={one.skill: one.reason for one in closures if one.skill is not None},
        opened=frozenset(one.skill for one in here if one.kind == SPECIAL and one.skill is not None),
    )


def _holds(change: HallChange, minute: int) -> bool:
    if change.opens is None or change.closes is None:
        return True
    return change.opens <= minute < change.closes
