"""A clock that stands still, however often, is due as if those days had never been: by property, over real holidays."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.kit import workdays
from server.kit.workdays import Pause

FIRST = date(2025, 1, 1)
# Any pattern of offices open and shut, years the table does not cover among them (they go by the weekday).
TABLES = st.dictionaries(st.dates(FIRST, FIRST + timedelta(days=200)), st.booleans(), max_size=120)
STARTS = st.dates(FIRST, FIRST + timedelta(days=60))


@st.composite
def stops(draw: st.DrawFn) -> list[tuple[int, int]]:
    """How many days a clock runs before each stop, and how many days that lasts."""
    return draw(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 25)), max_size=5))


@given(days=TABLES, start=STARTS, count=st.integers(0, 45), plan=stops())
def test_moving_the_day_on_is_leaving_the_stops_out(
    days: dict[date, bool], start: date, count: int, plan: list[tuple[int, int]]
) -> None:
    """What `resume_clock` does stop by stop gives the day that counting anew without all of them gives."""
    due = workdays.add(days, start, count)
    pauses: list[Pause] = []
    at = start
    for running, lasting in plan:
        after = at + timedelta(days=running)
        if after > due:
            break
        until = after + timedelta(days=lasting)
        left = workdays.between(days, after, due)
        if left > 0:
            due = workdays.add(days, until, left)
            pauses.append(Pause(after=after, until=until))
        at = until
    expected = workdays.due(days, start, count, pauses)
    assert due == expected


@given(days=TABLES, start=STARTS, count=st.integers(1, 45), running=st.integers(0, 9))
def test_a_day_never_falls_on_a_day_off_and_never_earlier_for_a_stop(
    days: dict[date, bool], start: date, count: int, running: int
) -> None:
    plain = workdays.add(days, start, count)
    assert workdays.is_working(days, plain)
    assert workdays.between(days, start, plain) == count
    after = start + timedelta(days=running)
    stopped = workdays.due(days, start, count, [Pause(after=after, until=after + timedelta(days=7))])
    assert stopped is not None
    assert stopped >= plain
    assert workdays.is_working(days, stopped)
    assert workdays.due(days, start, count, [Pause(after=start)]) is None, "an open stop has no end"


@given(days=TABLES, start=STARTS, first=st.integers(0, 45), more=st.integers(0, 15))
def test_an_extension_is_the_days_added(days: dict[date, bool], start: date, first: int, more: int) -> None:
    assert workdays.add(days, workdays.add(days, start, first), more) == workdays.add(days, start, first + more)
