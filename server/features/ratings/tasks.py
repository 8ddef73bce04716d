"""What ratings do by themselves."""

from __future__ import annotations

from datetime import time

from server.features.ratings import service as ratings
from server.ports import Ports, Task


async def _escalate(_ports: Ports) -> int:
    return await ratings.escalate()


async def _run_out(_ports: Ports) -> int:
    return await ratings.run_out()


TASKS = [
    Task(name="ratings.escalate", run=_escalate, at=time(0, 30), singleton=True),
    Task(name="ratings.run_out", run=_run_out, at=time(0, 35), singleton=True),
]
