"""What booking does by itself."""

from __future__ import annotations

from datetime import timedelta

from server.features.booking import service as booking
from server.ports import Ports, Task


async def _release(_ports: Ports) -> int:
    await booking.release_slots()
    return 0


async def _expire(_ports: Ports) -> int:
    return await booking.expire_overdue()


TASKS = [
    Task(name="booking.release_slots", run=_release, every=timedelta(minutes=10), singleton=True),
    Task(name="booking.expire_overdue", run=_expire, every=timedelta(minutes=5), singleton=True),
]
