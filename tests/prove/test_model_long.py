"""The long version of booking against its plain model: Hypothesis chooses the ways, and shortens those that fail."""

from __future__ import annotations

import asyncio
import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.server.booking.plain.machine import Machine
from tests.server.booking.plain.rows import Rules
from tests.server.booking.plain.town import Town
from tests.server.booking.test_model import AT_ONCE, town, walk  # noqa: F401 - `town` is a fixture

ROUNDS = int(os.environ.get("ROUNDS", "100"))
HOW = settings(
    max_examples=ROUNDS, stateful_step_count=60, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
STRICT = Rules(per_person=1, per_person_day=1, no_show_limit=1, blocked_days=3)
LOOSE = Rules(auto=True, per_person=4, per_person_day=3, per_person_item=2, no_show_limit=3, cancel_minutes=30)
RULES = [Rules(), AT_ONCE, STRICT, LOOSE]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("town", RULES, indirect=True)
async def test_ways_that_hypothesis_chooses(town: Town) -> None:  # noqa: F811 - the fixture
    loop, said = asyncio.get_running_loop(), Counter[str]()

    class Here(Machine):
        def __init__(self) -> None:
            super().__init__(town, loop, said)

    await asyncio.to_thread(run_state_machine_as_test, Here, settings=HOW)
    assert said["book: done"] > ROUNDS


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("town", RULES, indirect=True)
async def test_many_ways(town: Town) -> None:  # noqa: F811 - the fixture
    said = await walk(town, ROUNDS)
    assert said["book: done"] > ROUNDS
