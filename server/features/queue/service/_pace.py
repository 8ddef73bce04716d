"""How long one visit takes, from those of late; nothing is made up where too few have been."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from uuid import UUID

from server import db
from server.features.thread import service as thread
from server.kit import clock

RECENT = 30
FEWEST = 5
WINDOW = timedelta(days=28)
KEPT_SECONDS = 30.0
# Somebody who pressed the button late at night says nothing about how long a visit takes.
LONGEST = timedelta(hours=2)

TIMES = f"""
SELECT skill, array_agg(seconds) AS seconds FROM (
    SELECT skill, extract(epoch FROM finished_at - called_at)::float AS seconds,
        row_number() OVER (PARTITION BY skill ORDER BY finished_at DESC) AS nth
    FROM ticket
    WHERE hall_id = $1 AND day >= $2 AND state = 'done' AND called_at IS NOT NULL AND finished_at > called_at
        AND finished_at - called_at < $3 AND {thread.real("thread_id")}) AS recent
WHERE nth <= $4 GROUP BY skill
"""  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds a visit takes, by kind of business; a kind too seldom seen goes by the whole hall."""

    by_skill: Mapping[str, float]
    overall: float | None

    def seconds(self, skill: str) -> float | None:
        """Tell the usual seconds, or None where nobody can know."""
        return self.by_skill.get(skill, self.overall)


_known: dict[UUID, tuple[float, Pace]] = {}


async def pace_of(hall_id: UUID) -> Pace:
    """Look up how fast a hall has been lately; at most half a minute old."""
    found = _known.get(hall_id)
    if found is None or found[0] < time.monotonic():
        rows = await db.fetch(TIMES, hall_id, clock.today() - WINDOW, LONGEST, RECENT)
        found = _known[hall_id] = (time.monotonic() + KEPT_SECONDS, _pace({r["skill"]: r["seconds"] for r in rows}))
    return found[1]


def forget() -> None:
    """Look anew at the next question."""
    _known.clear()


def _pace(times: Mapping[str, list[float]]) -> Pace:
    every = [seconds for several in times.values() for seconds in several]
    return Pace(
        {skill: median(several) for skill, several in times.items() if len(several) >= FEWEST},
        median(every) if len(every) >= FEWEST else None,
    )
