"""Five hundred posters as one PDF within a minute."""

from __future__ import annotations

from server.ports import Ports
from tests.factories.identity import AsStaff
from tests.server.ratings.test_posters import many


async def test_five_hundred_posters_within_a_minute(as_staff: AsStaff, ports: Ports) -> None:
    assert await many(as_staff, ports, 500) < 60
