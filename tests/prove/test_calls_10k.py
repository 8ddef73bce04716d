"""Ten thousand calls by twenty windows at once: no number twice, none lost; without the guard there are doubles."""

from __future__ import annotations

import pytest

from tests.factories import catalogue as make
from tests.factories.identity import AsStaff
from tests.server.queue.rush import left, rush, without_the_guard

pytestmark = pytest.mark.usefixtures("client")
PEOPLE = 10_000


async def test_no_number_twice_and_none_lost(as_staff: AsStaff) -> None:
    hall = await make.county()
    called = await rush((await as_staff("clerk", hall=hall.id)).actor, hall, PEOPLE)
    assert len(called) == PEOPLE
    assert set(called.values()) == {1}
    assert await left() == 0


async def test_without_the_guard_it_sees_doubles(as_staff: AsStaff, monkeypatch: pytest.MonkeyPatch) -> None:
    hall = await make.county()
    without_the_guard(monkeypatch)
    called = await rush((await as_staff("clerk", hall=hall.id)).actor, hall, PEOPLE // 10)
    assert max(called.values()) > 1
