"""What supervision does by itself."""

from __future__ import annotations

from datetime import time, timedelta

from server.features.supervision import service as supervision
from server.ports import Ports, Task


async def _count_lately(_ports: Ports) -> int:
    await supervision.count_lately()
    return 0


async def _count_everything(_ports: Ports) -> int:
    await supervision.count_everything()
    return 0


async def _draw(_ports: Ports) -> int:
    return await supervision.draw_bulletin()


async def _quarterly(_ports: Ports) -> int:
    return await supervision.make_quarterly()


async def _forget(_ports: Ports) -> int:
    return await supervision.forget_bulletins()


async def _end_walks(_ports: Ports) -> int:
    return await supervision.end_forgotten()


TASKS = [
    Task(name="supervision.draw", run=_draw, every=timedelta(seconds=30), wake=supervision.WAKE),
    Task(name="supervision.forget_bulletins", run=_forget, at=time(3, 50), singleton=True),
    Task(name="supervision.end_walks", run=_end_walks, at=time(3, 55), singleton=True),
    # After everything was counted.
    Task(name="supervision.quarterly", run=_quarterly, at=time(3, 40), singleton=True),
    Task(name="supervision.count_lately", run=_count_lately, every=timedelta(minutes=5), singleton=True),
    Task(name="supervision.count_everything", run=_count_everything, at=time(2, 30), singleton=True),
]
