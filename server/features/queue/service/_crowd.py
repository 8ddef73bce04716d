"""How busy a hall is, and when few people come: from the tickets of past weeks, or an honest "nobody knows yet"."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from server import db
from server.features.queue.schemas import CrowdOut, QuietOut
from server.features.queue.service._board import load
from server.features.queue.service._policy import halls_open, policy_of
from server.features.queue.service._view import wait_of
from server.features.thread import service as thread
from server.kit import clock
from server.kit.texts import text

WEEKS = 4
# Fewer tickets, or on fewer days, tell more about chance than about the hall.
FEWEST_TICKETS, FEWEST_DAYS = 60, 5
QUIET_SHOWN = 2
QUIET_SHARE = 0.6
KEPT_SECONDS = 600.0
BUSY_PER_WINDOW = 3

PAST = f"""
SELECT hall_id, weekday, hour, sum(people)::int AS people, count(*)::int AS days FROM (
    SELECT hall_id, day, extract(dow FROM day)::int AS weekday,
        extract(hour FROM created_at AT TIME ZONE 'Asia/Shanghai')::int AS hour, count(*) AS people
    FROM ticket WHERE hall_id = ANY($1::uuid[]) AND day >= $2 AND day < $3 AND {thread.real("thread_id")}
    GROUP BY 1, 2, 4) AS hours
GROUP BY 1, 2, 3
"""  # noqa: S608 - our own words
DAYS = f"""
SELECT hall_id, count(DISTINCT day)::int AS days FROM ticket
WHERE hall_id = ANY($1::uuid[]) AND day >= $2 AND day < $3 AND {thread.real("thread_id")} GROUP BY 1
"""  # noqa: S608 - our own words
NOW = """
SELECT hall_id, count(*)::int AS waiting FROM ticket
WHERE hall_id = ANY($1::uuid[]) AND day = $2 AND state IN ('waiting', 'transferred') GROUP BY 1
"""

_quiet: dict[UUID, tuple[float, tuple[tuple[int, int], ...] | None]] = {}


async def crowds(locale: str, hall_ids: Iterable[UUID]) -> list[CrowdOut]:
    """Tell of each hall how busy it is now and when to come."""
    ids = list(hall_ids)
    now = {row["hall_id"]: row["waiting"] for row in await db.fetch(NOW, ids, clock.today())}
    quiet = await _quiet_hours(ids)
    open_ids = await halls_open(ids)
    return [await _crowd(locale, one, now.get(one, 0), quiet[one], open_now=one in open_ids) for one in ids]


async def _crowd(
    locale: str, hall_id: UUID, waiting: int, quiet: tuple[tuple[int, int], ...] | None, *, open_now: bool
) -> CrowdOut:
    low = high = None
    windows = 1
    if waiting:
        board = await load(hall_id)
        known = [kind for kind in board.kinds if kind.waiting and kind.high is not None]
        longest = max(known, key=lambda kind: kind.high or 0, default=None)
        low, high = (None, None) if longest is None else (longest.low, longest.high)
        windows = max(1, len({call.window for call in board.calls}))
    # Where nobody waits because the hall is shut, nobody is asked to hurry there.
    none = "quiet" if open_now else "closed"
    level = none if not waiting else "busy" if waiting > BUSY_PER_WINDOW * windows else "some"
    return CrowdOut(
        hall_id=hall_id,
        waiting=waiting,
        wait=wait_of(low, high),
        level=level,
        enough=quiet is not None,
        quiet=[
            QuietOut(
                weekday=weekday,
                hour=hour,
                text=text(
                    locale, "queue.crowd.hour", day=text(locale, f"common.weekday.{weekday}"), first=hour, last=hour + 1
                ),
            )
            for weekday, hour in quiet or ()
        ],
    )


async def _quiet_hours(hall_ids: list[UUID]) -> dict[UUID, tuple[tuple[int, int], ...] | None]:
    asked = [one for one in hall_ids if one not in _quiet or _quiet[one][0] < time.monotonic()]
    if asked:
        today = clock.today()
        first = today - timedelta(weeks=WEEKS)
        days = {row["hall_id"]: row["days"] for row in await db.fetch(DAYS, asked, first, today)}
        hours: dict[UUID, list[db.Record]] = {}
        for row in await db.fetch(PAST, asked, first, today):
            hours.setdefault(row["hall_id"], []).append(row)
        until = time.monotonic() + KEPT_SECONDS
        for hall_id in asked:
            policy = await policy_of(hall_id)
            whole = [row for row in hours.get(hall_id, []) if policy.gives_numbers_through(row["hour"])]
            _quiet[hall_id] = (until, quietest(whole, days.get(hall_id, 0)))
    return {one: _quiet[one][1] for one in hall_ids}


def quietest(hours: list[db.Record], days: int) -> tuple[tuple[int, int], ...] | None:
    """Pick weekday and hour with the fewest people, clearly fewer than usual; None where too little is known."""
    if days < FEWEST_DAYS or sum(row["people"] for row in hours) < FEWEST_TICKETS:
        return None
    mean = {(row["weekday"], row["hour"]): row["people"] / row["days"] for row in hours}
    usual = sum(mean.values()) / len(mean)
    few = [place for place in sorted(mean, key=lambda one: (mean[one], one)) if mean[place] <= QUIET_SHARE * usual]
    return tuple(sorted(few[:QUIET_SHOWN]))


def forget() -> None:
    """Count anew at the next question."""
    _quiet.clear()
