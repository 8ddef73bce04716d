"""What the queue does by itself."""

from __future__ import annotations

from datetime import time, timedelta

from server.features.queue import service as queue
from server.ports import Ports, Task


async def _close(ports: Ports) -> int:
    queue.go_live(ports.live)
    return await queue.close_day()


async def _edits(ports: Ports) -> int:
    queue.go_live(ports.live)
    return await queue.apply_line_edits()


TASKS = [
    Task(name="queue.close_day", run=_close, at=time(0, 10), singleton=True),
    Task(name="queue.apply_edits", run=_edits, every=timedelta(minutes=1), singleton=True),
]
