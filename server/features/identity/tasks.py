"""Housekeeping goes on by itself."""

from __future__ import annotations

from datetime import time

from server.features.identity import service
from server.ports import Ports, Task


async def _tidy(_ports: Ports) -> int:
    await service.tidy()
    return 0


TASKS = [Task(name="identity.tidy", run=_tidy, at=time(3, 40), singleton=True)]
