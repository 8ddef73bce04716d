"""What cases do by themselves."""

from __future__ import annotations

from datetime import time

from server.features.cases import service as cases
from server.ports import Ports, Task


async def _close_idle(_ports: Ports) -> int:
    return await cases.close_idle()


TASKS = [Task(name="cases.close_idle", run=_close_idle, at=time(0, 40), singleton=True)]
