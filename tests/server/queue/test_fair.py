"""Who comes first: the booked and the green within the policy, and nobody waits for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server import db
from server.features.queue import service as queue
from server.features.queue.models import Green, Place, QueuePolicy
from server.kit import clock
from server.kit.ids import new_id
from tests.factories import catalogue as make
from tests.factories.identity import AsStaff

MORNING = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
POLICY = QueuePolicy(hall_id=new_id())


@dataclass(frozen=True)
class Comes:
    """Somebody who comes at a minute of the day; `promised` is the minute that was booked."""

    minute: int
    promised: int | None
    green: Green | None

    @property
    def place(self) -> Place:
        return POLICY.place(at(self.minute), None if self.promised is None else at(self.promised), self.green)


def at(minute: int) -> datetime:
    return MORNING + timedelta(minutes=minute)


@st.composite
def _people(draw: st.DrawFn) -> Comes:
    minute = draw(st.integers(0, 540))
    offset = draw(st.none() | st.integers(-120, POLICY.opens_minutes))
    green = draw(st.none() | st.sampled_from(Green))
    return Comes(minute, None if offset is None else minute + offset, green)


# Whoever came on time for it keeps a promised place, so the grace adds to the head start.
LONGEST = max(POLICY.booked_minutes, POLICY.green_minutes) + POLICY.grace_minutes


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_people(), max_size=40))
def test_nobody_starves(people: list[Comes]) -> None:
    """However many of whatever kind keep coming: nobody who comes so much later goes before one who waits."""
    for waits in people:
        begins = max(waits.minute, (waits.promised or 0) if not waits.place.late else 0)
        for comes in people:
            if comes.minute > begins + LONGEST:
                assert comes.place.rank_at > waits.place.rank_at, (waits, comes)


@given(st.integers(0, 400), st.integers(0, POLICY.green_minutes - 1))
def test_the_green_channel_goes_first_within_its_stretch(minute: int, later: int) -> None:
    plain, green = Comes(minute, None, None), Comes(minute + later, None, Green.PREGNANT)
    assert green.place.rank_at < plain.place.rank_at


@given(st.integers(0, 400), st.integers(0, POLICY.booked_minutes - 1), st.integers(0, POLICY.grace_minutes))
def test_the_booked_go_first_within_theirs(minute: int, later: int, behind: int) -> None:
    promised = minute + later
    walked, booked = Comes(minute, None, None), Comes(promised + behind, promised, None)
    assert not booked.place.late
    assert booked.place.rank_at < walked.place.rank_at


@given(st.integers(0, 400), st.integers(1, 300), st.none() | st.sampled_from(Green))
def test_the_late_stand_behind_everybody_who_was_there(minute: int, late: int, green: Green | None) -> None:
    """The green channel gives a head start to whoever comes in time, or without a time; who is late is at the back."""
    there = Comes(minute, None, None)
    comes = Comes(minute, minute - POLICY.grace_minutes - late, green)
    assert comes.place.late
    assert comes.place.rank_at >= there.place.rank_at


@given(st.integers(60, 400), st.integers(1, 60), st.integers(1, 60))
def test_who_comes_early_for_a_later_time_overtakes_nobody(promised: int, sooner: int, gap: int) -> None:
    mine, theirs = Comes(promised - 1, promised, None), Comes(promised - sooner, promised + gap, None)
    assert mine.place.rank_at < theirs.place.rank_at


_PUT = """
INSERT INTO ticket (id, created_at, hall_id, skill, day, place_at, rank_at, number, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting')
"""


@pytest.mark.usefixtures("client")
async def test_the_database_calls_in_that_order(as_staff: AsStaff) -> None:
    """The one statement picks what a plain list would: the smallest rank among what the window can do."""
    hall = await make.county()
    windows = [await make.window(hall, 1, "general", "police"), await make.window(hall, 2, "police")]
    clerk = (await as_staff("clerk", hall=hall.id)).actor
    dice = Random(7)
    model = []
    for nth in range(60):
        green = dice.choice([None, None, *Green])
        promised = dice.choice([None, dice.randrange(300)])
        place = Comes(dice.randrange(300), promised, green).place
        ticket, skill = new_id(), dice.choice(["general", "police"])
        await db.execute(
            _PUT, ticket, clock.now(), hall.id, skill, clock.today(), place.at, place.rank_at, f"B{nth:03}"
        )
        model.append((place.rank_at, ticket, skill))
    model.sort()
    while model:
        window = dice.choice(windows)
        wanted = next((one for one in model if one[2] in window.skills), None)
        called = await queue.call_next(clerk, window.id)
        assert called == (None if wanted is None else wanted[1])
        if wanted is None:
            windows.remove(window)
            continue
        model.remove(wanted)
        await queue.finish(clerk, wanted[1])
