"""Working days, counted over a day table. The start day never counts; a day the table lacks goes by its weekday."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

DayTable = Mapping[date, bool]

_SATURDAY = 5
_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """A lawful stop of a clock: `after` is the last day that counted, `until` the last that does not (None: open)."""

    after: date
    until: date | None = None

    def covers(self, day: date) -> bool:
        """Say whether a day falls into the stop."""
        return day > self.after and (self.until is None or day <= self.until)


def is_working(days: DayTable, day: date) -> bool:
    """Say whether offices work on a day."""
    return days.get(day, day.weekday() < _SATURDAY)


def add(days: DayTable, start: date, count: int) -> date:
    """Give the working day on which `count` working days after `start` are over; `start` itself for 0.

    Raises ValueError for a negative count.
    """
    due_on = due(days, start, count)
    assert due_on is not None  # noqa: S101 - only an open pause has no end
    return due_on


def due(days: DayTable, start: date, count: int, pauses: Sequence[Pause] = ()) -> date | None:
    """Give the day a clock of `count` working days runs out, its stops left out; None while a stop is open.

    Raises ValueError for a negative count.
    """
    if count < 0:
        msg = "a clock has no negative length"
        raise ValueError(msg)
    day = start
    while count:
        day += _ONE
        stopped = [pause for pause in pauses if pause.covers(day)]
        if any(pause.until is None for pause in stopped):
            return None
        if not stopped and is_working(days, day):
            count -= 1
    return day


def between(days: DayTable, start: date, end: date) -> int:
    """Count the working days after `start` up to and with `end`; negative when `end` lies before `start`."""
    if end < start:
        return -between(days, end, start)
    return sum(is_working(days, start + _ONE * step) for step in range(1, (end - start).days + 1))


def span(start: date, count: int) -> date:
    """Give a date far enough for `add`: what a caller must load of the table. Long holidays are 9 days at most."""
    return start + timedelta(days=count * 2 + 30)
