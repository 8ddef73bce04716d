"""How busy each window was by hour, and where another opening, or another kind of business, would help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import NotFound
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import WindowView
from server.features.identity import service as identity
from server.features.queue.service._pace import LONGEST
from server.features.thread import service as thread
from server.kit import clock

LOOKED_BACK = timedelta(days=28)
# Percent of an hour in which somebody stood at the window.
BUSY, IDLE = 80, 40

_SPANS = f"""
WITH visit AS (
    SELECT window_id, day, called_at AT TIME ZONE 'Asia/Shanghai' AS began,
        finished_at AT TIME ZONE 'Asia/Shanghai' AS ended
    FROM ticket WHERE hall_id = $1 AND day >= $2 AND day <= $3 AND state = 'done' AND window_id IS NOT NULL
        AND finished_at > called_at AND finished_at - called_at < $4 AND {thread.real("thread_id")})
SELECT window_id, extract(hour FROM at)::int AS hour,
    sum(extract(epoch FROM least(ended, at + interval '1 hour') - greatest(began, at)))::float AS seconds,
    max(worked.days)::int AS days
FROM visit JOIN (SELECT window_id, count(DISTINCT day) AS days FROM visit GROUP BY 1) AS worked USING (window_id)
CROSS JOIN LATERAL generate_series(date_trunc('hour', began), ended - interval '1 microsecond', interval '1 hour') AS at
GROUP BY 1, 2
"""  # noqa: S608 - our own words
_WAITS = f"""
SELECT extract(hour FROM created_at AT TIME ZONE 'Asia/Shanghai')::int AS hour,
    avg(extract(epoch FROM called_at - created_at))::float AS seconds
FROM ticket WHERE hall_id = $1 AND day >= $2 AND day <= $3 AND called_at > created_at AND booking_id IS NULL
    AND {thread.real("thread_id")} GROUP BY 1
"""  # noqa: S608 - our own words
_VISITS = f"""
SELECT window_id, extract(hour FROM called_at AT TIME ZONE 'Asia/Shanghai')::int AS hour,
    sum(extract(epoch FROM finished_at - called_at))::float AS seconds, count(*)::int AS visits
FROM ticket WHERE hall_id = $1 AND day >= $2 AND day <= $3 AND state = 'done' AND window_id IS NOT NULL
    AND finished_at > called_at AND finished_at - called_at < $4 AND {thread.real("thread_id")}
GROUP BY 1, 2
"""  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class WindowLoad:
    """One window: percent of each hour in which it served somebody; None where it did not serve at that hour.

    `visit` is how many minutes one takes there.
    """

    window: WindowView
    hours: list[int | None]
    visit: int | None


@dataclass(frozen=True, slots=True)
class Opening:
    """An hour at which windows are full: `idle` could help with `skills`; with nobody idle another one is opened."""

    hour: int
    skills: tuple[str, ...]
    busy: tuple[str, ...]
    idle: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WindowLoads:
    """A hall by hour (`hours`) and window, how long people waited and were served (minutes), and what would help."""

    hours: list[int]
    windows: list[WindowLoad]
    waits: list[int | None]
    visits: list[int | None]
    openings: list[Opening]


async def window_load(actor: Staff, hall_id: UUID) -> WindowLoads:
    """Show how busy the windows of a hall were in the last four weeks. Raises NotFound for a hall out of reach."""
    halls = await catalogue.halls_within(await identity.reach(actor, Role.HALL_MANAGER, Role.SUPERVISOR))
    if halls is not None and hall_id not in halls:
        raise NotFound
    today = clock.today()
    span = (hall_id, today - LOOKED_BACK, today)
    share = {
        (row["window_id"], row["hour"]): min(100, round(100 * row["seconds"] / (3600 * row["days"])))
        for row in await db.fetch(_SPANS, *span, LONGEST)
    }
    waits = {row["hour"]: round(row["seconds"] / 60) for row in await db.fetch(_WAITS, *span)}
    visits = await db.fetch(_VISITS, *span, LONGEST)
    seen = {hour for _, hour in share}
    hours = list(range(min(seen), max(seen) + 1)) if seen else []
    windows = await catalogue.windows(hall_id)
    return WindowLoads(
        hours,
        [
            WindowLoad(
                one,
                [share.get((one.id, hour)) for hour in hours],
                _minutes([row for row in visits if row["window_id"] == one.id]),
            )
            for one in windows
        ],
        [waits.get(hour) for hour in hours],
        [_minutes([row for row in visits if row["hour"] == hour]) for hour in hours],
        [found for hour in hours for found in openings(hour, windows, share)],
    )


def _minutes(visits: list[db.Record]) -> int | None:
    """Give how long one took, of so many."""
    number = sum(row["visits"] for row in visits)
    return max(1, round(sum(row["seconds"] for row in visits) / 60 / number)) if number else None


def openings(hour: int, windows: list[WindowView], share: Mapping[tuple[UUID, int], int]) -> list[Opening]:
    """Say what would help at an hour: nothing where no kind of business has all its windows full."""
    full: dict[tuple[str, ...], list[str]] = {}
    for skill in dict.fromkeys(skill for window in windows for skill in window.skills):
        here = [one for one in windows if one.open and skill in one.skills and (one.id, hour) in share]
        if here and all(share[one.id, hour] >= BUSY for one in here):
            full.setdefault(tuple(one.name for one in here), []).append(skill)
    idle = tuple(one.name for one in windows if one.open and share.get((one.id, hour), 0) < IDLE)
    return [Opening(hour, tuple(skills), busy, idle) for busy, skills in full.items()]
