"""How busy each window was by hour, and what would help."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

import pytest

from server import db
from server.errors import NotFound
from server.features.queue import service as queue
from server.kit import clock
from server.kit.ids import new_id
from tests.factories import catalogue as make
from tests.factories.identity import AsStaff
from tests.fixtures_web import Client

_SERVED = """
INSERT INTO ticket (id, created_at, hall_id, skill, day, place_at, rank_at, number, state, called_at, finished_at,
    window_id)
VALUES ($1, $2, $3, 'general', $4, $2, $2, $5, 'done', $6, $7, $8)
"""


async def stood(window: UUID, hall: UUID, days_ago: int, begins: time, minutes: int, number: str) -> None:
    """Somebody stood at a window for so long, after ten minutes of waiting."""
    day = clock.today() - timedelta(days=days_ago)
    called = datetime.combine(day, begins, clock.SHANGHAI)
    await db.execute(
        _SERVED, new_id(), called - timedelta(minutes=10), hall, day, number, called,
        called + timedelta(minutes=minutes), window,
    )  # fmt: skip


async def test_by_hour_and_window_with_what_would_help(client: Client, as_staff: AsStaff) -> None:
    hall = await make.county()
    full, quiet = await make.window(hall, 1, "general"), await make.window(hall, 2, "police")
    await make.window(hall, 3, "social")
    manager = (await as_staff("hall_manager", hall=hall.id)).actor
    assert (await queue.window_load(manager, hall.id)).hours == []
    for days_ago in (1, 2):
        await stood(full.id, hall.id, days_ago, time(9, 5), 50, f"B{days_ago}1")
        # Over the full hour: half of it belongs to ten o'clock.
        await stood(full.id, hall.id, days_ago, time(9, 55), 35, f"B{days_ago}2")
        await stood(quiet.id, hall.id, days_ago, time(9, 0), 6, f"B{days_ago}3")
    await stood(full.id, hall.id, 40, time(15, 0), 60, "B99")
    seen = await queue.window_load(manager, hall.id)
    assert seen.hours == [9, 10]
    lines = {line.window.number: line.hours for line in seen.windows}
    assert (lines[1], lines[2], lines[3]) == ([92, 50], [10, None], [None, None])
    assert seen.waits[0] == 10
    # Fifty and thirty-five minutes at the full one, six at the other; who was called at nine belongs to nine.
    assert {line.window.number: line.visit for line in seen.windows} == {1: 42, 2: 6, 3: None}
    assert seen.visits == [30, None]
    (helps,) = seen.openings
    assert (helps.hour, helps.skills, helps.busy) == (9, ("general",), (full.name,))
    assert quiet.name in helps.idle
    stranger = (await as_staff("hall_manager", hall=(await make.hall("town", region_code="341226100")).id)).actor
    with pytest.raises(NotFound):
        await queue.window_load(stranger, hall.id)
