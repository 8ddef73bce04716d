"""The clocks that deeds move, over a year's real holidays: a grade, more days, and before the supervisors."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from server import db
from server.errors import Conflict
from server.features.complaints import service as complaints
from server.features.complaints.schemas import ComplaintPolicy
from server.features.ratings import service as ratings
from server.kit import clock as clocks
from tests.conftest import Clock
from tests.factories import open_matters as keep
from tests.factories.cases import office
from tests.factories.identity import staff
from tests.factories.open_matters import Open
from tests.fixtures_web import Client
from tests.server.complaints.test_complaints import STUCK, due, only, write
from tests.server.ratings.test_clock_rules import counted

# Past the Spring Festival of the next year nobody has announced the days yet.
START = st.dates(date(2026, 1, 1), date(2026, 11, 20))
FEW = settings(
    max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
GRADES = {"now": None, "soon": ComplaintPolicy().stuck_soon_days, "most": ComplaintPolicy().stuck_most_days}


def at(day: date, hour: int = 10) -> datetime:
    return datetime.combine(day, time(hour), clocks.SHANGHAI)


@FEW
@given(start=START, hour=st.integers(0, 23), grade=st.sampled_from(sorted(GRADES)), longer=st.booleans())
async def test_what_got_stuck_has_its_grade_its_more_days_and_its_end(
    client: Client, clock: Clock, start: date, hour: int, grade: str, longer: bool
) -> None:
    assert (GRADES["soon"], GRADES["most"]) == (2, 7)
    await db.execute("TRUNCATE complaint CASCADE")
    clock.set(at(start, hour))
    place = await office()
    assert (await write(client, **STUCK, hall_id=str(place.hall.id))).status == 201
    last = await due()
    assert last == counted(start - timedelta(days=1), 1, working=True), "that day, or the next that is worked on"
    manager = (await staff("hall_manager", hall=place.hall.id)).actor
    work = await only()
    await complaints.take(manager, work)
    await complaints.grade(manager, work, grade=grade)
    if days := GRADES[grade]:
        last = counted(start, days, working=True)
    assert await due() == last
    if longer:
        await complaints.extend(manager, work, reason="要等省里的库恢复。")
        last = counted(last, ComplaintPolicy().extend_days, working=True)
        assert await due() == last
        with pytest.raises(Conflict):
            await complaints.extend(manager, work, reason="再等等。")
    clock.set(at(last, 23))
    before = await complaints.escalate()
    clock.set(at(last + timedelta(days=1), 0))
    assert (before, await complaints.escalate(), await complaints.escalate()) == (0, 1, 0)


@FEW
@given(start=START, red=st.integers(1, 6), more=st.integers(0, 3))
async def test_a_bad_rating_goes_before_the_supervisors_the_day_after_its_last(
    clock: Clock, start: date, red: int, more: int
) -> None:
    clock.set(at(start))
    await db.execute("TRUNCATE rating CASCADE")
    await keep.rectifications(await keep.ground(), [Open("assigned", 0, 0, red, red + more)])
    clock.set(at(start + timedelta(days=red + more), 23))
    before = await ratings.escalate()
    clock.set(at(start + timedelta(days=red + more + 1), 0))
    assert (before, await ratings.escalate(), await ratings.escalate()) == (0, 1, 0)
