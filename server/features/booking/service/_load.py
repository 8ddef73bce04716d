"""How full a hall is by hour and counter, and where another opening would help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import NotFound
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock

LOOKED_BACK = timedelta(days=28)
LOOKED_AHEAD = timedelta(days=14)
CROWDED = 85
MONDAY_TO_SUNDAY = range(7)

_LOAD = """
    SELECT skill, extract(isodow FROM day)::int - 1 AS weekday,
        extract(hour FROM starts_at AT TIME ZONE 'Asia/Shanghai')::int AS hour,
        sum(taken)::int AS taken, sum(capacity)::int AS capacity
    FROM slot WHERE hall_id = $1 AND day BETWEEN $2 AND $3 AND NOT closed GROUP BY 1, 2, 3 ORDER BY 1, 3, 2
"""
_MISSED = f"""
    SELECT extract(hour FROM slot.starts_at AT TIME ZONE 'Asia/Shanghai')::int AS hour,
        round(100.0 * count(*) FILTER (WHERE booking.state = 'no_show') / count(*))::int AS percent
    FROM booking JOIN slot ON slot.id = booking.slot_id
    WHERE booking.hall_id = $1 AND booking.day BETWEEN $2 AND $3
        AND booking.state IN ('no_show', 'checked_in', 'served') AND {thread.real("booking.thread_id")} GROUP BY 1
"""  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class Load:
    """One counter: percent full by hour and weekday, and the crowded hours where more could be opened."""

    skill: str
    hours: Mapping[int, list[int | None]]
    crowded: list[tuple[int, int]]

    @property
    def fullest(self) -> int:
        """Tell the percent of the fullest hour."""
        return max((percent for line in self.hours.values() for percent in line if percent is not None), default=0)


async def load(actor: Staff, hall_id: UUID) -> list[Load]:
    """Show how full each counter of a hall was and will be. Raises NotFound for a hall out of reach."""
    await _within(actor, hall_id)
    today = clock.today()
    found: dict[str, dict[int, list[int | None]]] = {}
    for row in await db.fetch(_LOAD, hall_id, today - LOOKED_BACK, today + LOOKED_AHEAD):
        hours = found.setdefault(row["skill"], {})
        line = hours.setdefault(row["hour"], [None for _ in MONDAY_TO_SUNDAY])
        line[row["weekday"]] = round(100 * row["taken"] / row["capacity"])
    return [Load(skill, hours, _crowded(hours)) for skill, hours in found.items()]


async def missed(actor: Staff, hall_id: UUID) -> dict[int, int]:
    """Tell by hour what percent of those who had booked did not come, in the last four weeks. Raises as `load` does."""
    await _within(actor, hall_id)
    today = clock.today()
    return {row["hour"]: row["percent"] for row in await db.fetch(_MISSED, hall_id, today - LOOKED_BACK, today)}


async def _within(actor: Staff, hall_id: UUID) -> None:
    halls = await catalogue.halls_within(await identity.reach(actor, Role.HALL_MANAGER, Role.SUPERVISOR))
    if halls is not None and hall_id not in halls:
        raise NotFound


def _crowded(hours: Mapping[int, list[int | None]]) -> list[tuple[int, int]]:
    return [
        (weekday, hour)
        for hour, line in hours.items()
        for weekday, percent in enumerate(line)
        if percent is not None and percent >= CROWDED
    ]
