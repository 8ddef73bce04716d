"""Every clock of a bad rating, on any day and under any announced rule, over the real holidays."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.features.catalogue.service import _calendar
from server.features.ratings.models import UNANSWERED, Rectification, RectificationState
from server.features.ratings.service import RectificationPolicy, _clocks
from server.kit.ids import new_id
from server.kit.workdays import DayTable

FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
DAYS = {FIRST + timedelta(days=at): False for at in range((LAST - FIRST).days + 1)}
DAYS |= {day: chinese_calendar.is_workday(day) for day in DAYS}
SOME_DAY = st.dates(FIRST, date(2026, 6, 30))
RULES = st.builds(
    RectificationPolicy,
    within_days=st.integers(1, 40),
    working=st.booleans(),
    red_days=st.integers(1, 40),
    call_back_days=st.integers(1, 10),
    judge_days=st.integers(1, 40),
).filter(lambda policy: policy.unfit() is None)
LENGTHS = st.integers(-10, 60)


@pytest.fixture(autouse=True, scope="module")
def _holidays() -> Iterator[None]:
    async def table(_first: date, _last: date) -> DayTable:
        return DAYS

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_calendar, "day_table", table)
        yield


def counted(start: date, days: int, *, working: bool) -> date:
    """Count as one does with a finger on the calendar: the day itself not."""
    day = start
    while days:
        day += timedelta(days=1)
        days -= DAYS[day] if working else 1
    return day


@given(today=SOME_DAY, policy=RULES)
def test_the_days_of_a_rectification(today: date, policy: RectificationPolicy) -> None:
    async def of(_row: object) -> RectificationPolicy:
        return policy

    row = Rectification(rating_id=new_id(), started_on=today)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_clocks, "policy_of", of)
        days = asyncio.run(_clocks.times(row, today))
        until = asyncio.run(_clocks.judge_until(row, today))
    assert days.due_on == counted(today, policy.within_days, working=policy.working)
    assert days.red_on == counted(today, policy.red_days, working=policy.working)
    assert days.call_back_on == counted(today, policy.call_back_days, working=True)
    assert DAYS[days.call_back_on], "nobody is to call on a holiday"
    assert today < days.red_on <= days.due_on
    assert until == today + timedelta(days=policy.judge_days)


@given(start=SOME_DAY, red=st.integers(1, 40), later=LENGTHS, state=st.sampled_from(RectificationState))
def test_its_light_only_ever_gets_worse(start: date, red: int, later: int, state: RectificationState) -> None:
    row = Rectification(state=state, red_on=start + timedelta(days=red), due_on=start + timedelta(days=red + 2))
    ranks = ["green", "amber", "red"]
    lights = [row.light(start + timedelta(days=later + step)) for step in range(3)]
    assert [ranks.index(one) for one in lights] == sorted(ranks.index(one) for one in lights)
    late = later >= red and state in UNANSWERED
    assert (lights[0] == "red") is late
