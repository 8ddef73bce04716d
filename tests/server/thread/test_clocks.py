from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from server.features.thread import service as thread
from server.kit.clock import SHANGHAI
from tests.conftest import Clock
from tests.factories.identity import AsCitizen
from tests.factories.thread import opened

DECIDE = thread.ClockKind.DECIDE


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (date(2026, 2, 12), 5, date(2026, 2, 26)),
        (date(2026, 1, 1), 5, date(2026, 1, 8)),
        (date(2026, 4, 30), 3, date(2026, 5, 8)),
        (date(2026, 9, 18), 10, date(2026, 10, 9)),
        (date(2026, 9, 30), 20, date(2026, 11, 3)),
        (date(2025, 1, 24), 20, date(2025, 2, 27)),
        (date(2025, 9, 26), 5, date(2025, 10, 10)),
    ],
)
async def test_working_days_count_from_the_day_after(as_citizen: AsCitizen, start: date, days: int, due: date) -> None:
    mine = await opened(await as_citizen())
    running = await thread.start_clock(mine.id, DECIDE, promise_days=days, law_days=20, started_on=start)
    assert running.promise_on == due
    assert running.promise_on <= running.law_on


async def test_amber_past_the_promise_red_past_the_law(as_citizen: AsCitizen, clock: Clock) -> None:
    mine = await opened(await as_citizen())
    clock.set(at(date(2026, 11, 20)))
    running = await thread.start_clock(mine.id, DECIDE, promise_days=5, law_days=20)
    assert (running.promise_on, running.law_on) == (date(2026, 11, 27), date(2026, 12, 18))
    for day, days_left, light in (
        (date(2026, 11, 20), 5, "green"),
        (date(2026, 11, 27), 0, "green"),
        (date(2026, 11, 30), -1, "amber"),
        (date(2026, 12, 18), -15, "amber"),
        (date(2026, 12, 21), -16, "red"),
    ):
        clock.set(at(day))
        (now,) = await thread.clocks(mine.id)
        assert (now.days_left, now.light) == (days_left, light), day


async def test_a_stopped_clock_keeps_its_light(as_citizen: AsCitizen, clock: Clock) -> None:
    mine = await opened(await as_citizen())
    clock.set(at(date(2026, 11, 20)))
    await thread.start_clock(mine.id, DECIDE, promise_days=5, law_days=20)
    clock.set(at(date(2026, 11, 27)))
    await thread.stop_clock(mine.id, DECIDE)
    await thread.stop_clock(mine.id, DECIDE)
    clock.advance(days=200)
    (now,) = await thread.clocks(mine.id)
    assert (now.state, now.light, now.days_left) == ("stopped", "green", None)


async def test_a_promise_is_never_longer_than_the_law(as_citizen: AsCitizen) -> None:
    mine = await opened(await as_citizen())
    running = await thread.start_clock(mine.id, DECIDE, promise_days=40, law_days=20)
    assert running.promise_on == running.law_on


async def test_an_instant_matter_is_due_the_day_it_begins(as_citizen: AsCitizen, clock: Clock) -> None:
    mine = await opened(await as_citizen())
    clock.set(at(date(2026, 11, 20)) + timedelta(hours=15))  # past midnight in Shanghai
    running = await thread.start_clock(mine.id, DECIDE, promise_days=0, law_days=0)
    assert running.started_on == running.promise_on == date(2026, 11, 21)
