"""Every clock of a complaint, for every kind, on any day and under any announced rule, over the real holidays."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.features.complaints.models import UNANSWERED, Complaint, Kind, State
from server.features.complaints.schemas import ComplaintPolicy
from server.features.complaints.service import _work
from tests.server.ratings import test_clock_rules as of_ratings
from tests.server.ratings.test_clock_rules import DAYS, SOME_DAY, counted

_holidays = of_ratings._holidays
LENGTH = st.integers(1, 30)
RULES = st.builds(
    ComplaintPolicy, question_days=LENGTH, grievance_days=LENGTH, nuisance_days=LENGTH, erratum_days=LENGTH,
    judge_days=LENGTH,
)  # fmt: skip


@given(today=SOME_DAY, policy=RULES, kind=st.sampled_from(Kind))
def test_the_days_of_every_kind(today: date, policy: ComplaintPolicy, kind: Kind) -> None:
    async def of(_row: object) -> ComplaintPolicy:
        return policy

    row = Complaint(kind=kind)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_work, "policy_of", of)
        due_on = asyncio.run(_work.due_on(row, today))
    if kind is Kind.STUCK:
        on_the_spot = today if DAYS[today] else counted(today, 1, working=True)
        assert due_on == on_the_spot, "the same day, and on a holiday the next one that is worked on"
    else:
        assert due_on == counted(today, getattr(policy, f"{kind.value}_days"), working=True)
    assert DAYS[due_on]


@given(start=SOME_DAY, due=st.integers(0, 40), at=st.integers(-5, 60), state=st.sampled_from(State))
def test_its_light_only_ever_gets_worse(start: date, due: int, at: int, state: State) -> None:
    row = Complaint(state=state, due_on=start + timedelta(days=due))
    ranks = ["green", "amber", "red"]
    lights = [ranks.index(row.light(start + timedelta(days=at + step))) for step in range(3)]
    assert lights == sorted(lights)
    assert (lights[0] == ranks.index("red")) is (at > due and state in UNANSWERED)
