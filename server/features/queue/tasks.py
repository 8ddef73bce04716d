"""What the queue does by itself."""

from __future__ import annotations

from datetime import time

from server.features.queue import service as queue
from server.ports import Ports, Task


async def _close(_ports: Ports) -> int:
    return await queue.close_day()


TASKS = [Task(name="queue.close_day", run=_close, at=time(0, 10), singleton=True)]
