"""A hall as it is now: who is called where, how many wait for what, and how long it will take, as far as one can know.

Nobody's name is in it: it is shown to everybody.
"""

from __future__ import annotations

import heapq
import zlib
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from server import db
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import WindowView
from server.features.queue.service._ahead import ON_DUTY, Lines
from server.features.queue.service._pace import Pace, pace_of
from server.kit import clock

SHOWN_CALLS = 9
# An estimate is a stretch, not a promise: so much less and more of what was worked out, in steps people think in.
LOW, HIGH = 0.7, 1.4
STEP_MINUTES = 5

TICKETS = """
SELECT id, number, state, skill, window_id, for_window_id, called_at, calls, version FROM ticket
WHERE hall_id = $1 AND day = $2 AND state IN ('waiting', 'transferred', 'called', 'serving', 'held', 'skipped')
ORDER BY rank_at, id
"""
CALLS = """
SELECT number, window_id, called_at, calls, state FROM ticket
WHERE hall_id = $1 AND day = $2 AND called_at IS NOT NULL AND window_id IS NOT NULL
ORDER BY called_at DESC LIMIT $3
"""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where one ticket stands. `low` and `high` are minutes, None where nobody can know."""

    state: str
    window: str | None
    ahead: int
    low: int | None
    high: int | None
    version: int

    @property
    def mark(self) -> int:
        """Name what is seen: whoever has seen this mark has seen all of it."""
        seen = f"{self.state}|{self.window}|{self.ahead}|{self.low}|{self.high}|{self.version}"
        return zlib.crc32(seen.encode()) & 0x7FFFFFFF


@dataclass(frozen=True, slots=True)
class Call:
    """One number on the screen, called at a moment of its own each time."""

    number: str
    window: str
    called_at: datetime
    calls: int
    state: str


@dataclass(frozen=True, slots=True)
class Kind:
    """How many wait for one kind of business, and how long the next to come would wait."""

    skill: str
    waiting: int
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Board:
    """One look at a hall."""

    hall_id: UUID
    made_at: datetime
    spots: Mapping[UUID, Spot]
    calls: tuple[Call, ...]
    kinds: tuple[Kind, ...]
    mark: int = 0

    @property
    def waiting(self) -> int:
        """Count everybody who waits."""
        return sum(kind.waiting for kind in self.kinds)


@dataclass(slots=True)
class _Desk:
    """A window that calls, as the forecast sees it."""

    window: WindowView
    free_in: float


async def load(hall_id: UUID) -> Board:
    """Look at a hall."""
    now, today = clock.now(), clock.today()
    rows = await db.fetch(TICKETS, hall_id, today)
    windows = {window.id: window for window in await catalogue.windows(hall_id)}
    duty = {row["window_id"]: row["paused"] for row in await db.fetch(ON_DUTY, hall_id, today)}
    pace = await pace_of(hall_id)
    called = await db.fetch(CALLS, hall_id, today, SHOWN_CALLS)
    open_ = [window for window in windows.values() if window.open]
    on_duty = [window for window in open_ if duty.get(window.id) is False]
    lines = Lines(windows.values(), {window for window, paused in duty.items() if paused})
    forecast = Forecast([row for row in rows if row["state"] in ("waiting", "transferred")], lines, pace)
    forecast.run(_desks(on_duty, rows, pace, now))
    spots = {row["id"]: _spot(row, windows, forecast) for row in rows}
    calls = tuple(
        Call(row["number"], windows[row["window_id"]].name, row["called_at"], row["calls"], row["state"])
        for row in called
    )
    kinds = tuple(forecast.kinds())
    seen = "".join(f"{call.number}{call.window}{call.called_at}{call.state};" for call in calls)
    seen += "".join(f"{kind.skill}{kind.waiting}{kind.low}{kind.high};" for kind in kinds)
    return Board(hall_id, now, spots, calls, kinds, zlib.crc32(seen.encode()))


def _desks(on_duty: list[WindowView], rows: Iterable[db.Record], pace: Pace, now: datetime) -> list[_Desk]:
    busy = {row["window_id"]: row for row in rows if row["state"] in ("called", "serving")}
    desks = []
    for window in on_duty:
        row = busy.get(window.id)
        usual = None if row is None else pace.seconds(row["skill"])
        left = 0.0 if usual is None or row is None else max(usual - (now - row["called_at"]).total_seconds(), 0.0)
        desks.append(_Desk(window, left))
    return desks


def _spot(row: db.Record, windows: Mapping[UUID, WindowView], forecast: Forecast) -> Spot:
    window_id = row["window_id"] or row["for_window_id"]
    ahead, low, high = forecast.of(row["id"])
    window = windows[window_id].name if window_id in windows else None
    return Spot(row["state"], window, ahead, low, high, row["version"])


class Forecast:
    """Plays the line forward: each window that calls takes the first it can serve, at the pace it has lately had."""

    def __init__(self, line: list[db.Record], lines: Lines, pace: Pace) -> None:
        self._line = line
        self._lines = lines
        self._pace = pace
        self._begins: dict[UUID, float] = {}
        self._ends: dict[str, float] = {}
        self._ahead = lines.ahead(line)

    def run(self, desks: list[_Desk]) -> None:
        """Find out when each would be called, if nobody else came."""
        lines: dict[object, deque[tuple[int, db.Record]]] = {}
        for nth, row in enumerate(self._line):
            lines.setdefault(self._lines.line_of(row), deque()).append((nth, row))
        free = [(desk.free_in, number) for number, desk in enumerate(desks)]
        heapq.heapify(free)
        while free:
            at, number = heapq.heappop(free)
            window = desks[number].window
            mine = [lines[key] for key in (window.id, *window.skills) if lines.get(key)]
            if not mine:
                for skill in window.skills:
                    self._ends[skill] = min(at, self._ends.get(skill, at))
                continue
            _, row = min(mine, key=lambda line: line[0][0]).popleft()
            self._begins[row["id"]] = at
            usual = self._pace.seconds(row["skill"])
            # How long this one takes nobody may know, nor then when the window is free again.
            if usual is not None:
                heapq.heappush(free, (at + usual, number))

    def of(self, ticket_id: UUID) -> tuple[int, int | None, int | None]:
        """Tell how many are ahead and between how many minutes it will take."""
        return self._ahead.get(ticket_id, 0), *_stretch(self._begins.get(ticket_id))

    def kinds(self) -> Iterable[Kind]:
        """Count those who wait by kind, in the order of the windows."""
        for skill in self._lines.skills:
            waiting = sum(row["skill"] == skill for row in self._line)
            known = self._ends.get(skill) if self._pace.seconds(skill) is not None or not waiting else None
            yield Kind(skill, waiting, *_stretch(known))


def _stretch(seconds: float | None) -> tuple[int | None, int | None]:
    if seconds is None:
        return None, None
    step = timedelta(minutes=STEP_MINUTES).total_seconds()
    # A window that is free just now still takes its moment to call: nobody waits from 0 to 0 minutes.
    low, high = int(seconds * LOW // step), max(int(-(-seconds * HIGH // step)), 1)
    return low * STEP_MINUTES, high * STEP_MINUTES
