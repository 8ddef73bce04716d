"""What booking does by itself."""

from __future__ import annotations

from datetime import timedelta

from server.features.booking import service as booking
from server.ports import Ports, Task


async def _release(_ports: Ports) -> int:
    await booking.release_slots()
    return 0


async def _edits(_ports: Ports) -> int:
    return await booking.apply_edits()


async def _expire(_ports: Ports) -> int:
    return await booking.expire_overdue()


async def _closed(_ports: Ports) -> int:
    return await booking.move_closed()


async def _holds(_ports: Ports) -> int:
    return await booking.release_ended()


async def _remind(_ports: Ports) -> int:
    return await booking.remind()


async def _lapse(_ports: Ports) -> int:
    return await booking.lapse_past()


TASKS = [
    Task(name="booking.move_closed", run=_closed, every=timedelta(seconds=20), singleton=True),
    # A hold outlives its end by no more than these seconds.
    Task(name="booking.release_ended", run=_holds, every=timedelta(seconds=4), singleton=True),
    Task(name="booking.remind", run=_remind, every=timedelta(minutes=1), singleton=True),
    Task(name="booking.lapse_past", run=_lapse, every=timedelta(hours=1), singleton=True),
    Task(name="booking.apply_edits", run=_edits, every=timedelta(minutes=1), singleton=True),
    Task(name="booking.release_slots", run=_release, every=timedelta(minutes=1), singleton=True),
    Task(name="booking.expire_overdue", run=_expire, every=timedelta(minutes=5), singleton=True),
]
