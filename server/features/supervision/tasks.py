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


TASKS = [
    Task(name="supervision.count_lately", run=_count_lately, every=timedelta(minutes=5), singleton=True),
    Task(name="supervision.count_everything", run=_count_everything, at=time(2, 30), singleton=True),
]
