"""What complaints do by themselves."""

from __future__ import annotations

from datetime import time

from server.features.complaints import service as complaints
from server.ports import Ports, Task


async def _escalate(_ports: Ports) -> int:
    return await complaints.escalate()


async def _run_out(_ports: Ports) -> int:
    return await complaints.run_out()


async def _forget_callers(_ports: Ports) -> int:
    return await complaints.forget_callers()


TASKS = [
    Task(name="complaints.forget_callers", run=_forget_callers, at=time(3, 25), singleton=True),
    Task(name="complaints.escalate", run=_escalate, at=time(0, 40), singleton=True),
    Task(name="complaints.run_out", run=_run_out, at=time(0, 45), singleton=True),
]
