"""Counting working days: pure rules over a day table."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit import workdays
from server.kit.workdays import Pause

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "vectors.json").read_text("utf-8"))
DAYS = {
    day: chinese_calendar.is_workday(day)
    for day in (date(2025, 1, 1) + timedelta(days=step) for step in range(365 * 2))
}
SOME_DAY = st.dates(date(2025, 1, 1), date(2026, 6, 30))


def _day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(("start", "count", "due"), VECTORS["working_days"])
def test_published_vectors(start: str, count: int, due: str) -> None:
    assert workdays.add(DAYS, _day(start), count) == _day(due)
    assert workdays.between(DAYS, _day(start), _day(due)) == count


def test_a_pause_moves_the_end() -> None:
    case = VECTORS["working_days_with_pause"]
    start, count = _day(case["accepted"]), case["days"]
    pause = Pause(after=_day(case["paused_after"]), until=_day(case["paused_until"]))
    assert workdays.due(DAYS, start, count, [pause]) == _day(case["due"])
    assert workdays.due(DAYS, start, count) == _day(case["due_without_pause"])


def test_an_open_pause_has_no_end() -> None:
    start = date(2026, 3, 2)
    assert workdays.due(DAYS, start, 10, [Pause(after=date(2026, 3, 5))]) is None
    assert workdays.due(DAYS, start, 2, [Pause(after=date(2026, 3, 5))]) == date(2026, 3, 4)


def test_two_pauses_may_overlap() -> None:
    start = date(2026, 3, 2)
    one = [Pause(date(2026, 3, 3), date(2026, 3, 10))]
    two = [Pause(date(2026, 3, 3), date(2026, 3, 6)), Pause(date(2026, 3, 5), date(2026, 3, 10))]
    assert workdays.due(DAYS, start, 5, two) == workdays.due(DAYS, start, 5, one)


def test_years_have_their_working_days() -> None:
    for year in (2025, 2026):
        assert workdays.between(DAYS, date(year - 1, 12, 31), date(year, 12, 31)) == 248


def test_no_days_is_today_and_fewer_is_refused() -> None:
    assert workdays.add(DAYS, date(2026, 10, 1), 0) == date(2026, 10, 1)
    with pytest.raises(ValueError, match="negative"):
        workdays.add(DAYS, date(2026, 10, 1), -1)


def test_a_day_beyond_the_table_goes_by_its_weekday() -> None:
    assert workdays.add({}, date(2026, 11, 20), 1) == date(2026, 11, 23)


@given(SOME_DAY, st.integers(1, 60))
def test_the_end_is_worked_and_counts_back(start: date, count: int) -> None:
    end = workdays.add(DAYS, start, count)
    assert workdays.is_working(DAYS, end)
    assert workdays.between(DAYS, start, end) == count
    assert workdays.between(DAYS, end, start) == -count
    assert end <= workdays.span(start, count)


@given(SOME_DAY, st.integers(0, 30), st.integers(0, 30))
def test_days_add_up(start: date, first: int, second: int) -> None:
    assert workdays.add(DAYS, workdays.add(DAYS, start, first), second) == workdays.add(DAYS, start, first + second)


@given(SOME_DAY, st.integers(1, 30), st.integers(0, 20), st.integers(0, 20))
def test_a_pause_never_shortens(start: date, count: int, after: int, length: int) -> None:
    last = start + timedelta(days=after)
    paused = workdays.due(DAYS, start, count, [Pause(last, last + timedelta(days=length))])
    assert paused is not None
    assert paused >= workdays.add(DAYS, start, count)
