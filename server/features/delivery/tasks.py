"""Timed work of delivery."""

from __future__ import annotations

from datetime import time

from server.features.delivery import service as delivery
from server.ports import Ports, Task


async def _remind_uncollected(_ports: Ports) -> int:
    return await delivery.remind_uncollected()


async def _return_uncollected(_ports: Ports) -> int:
    return await delivery.return_uncollected()


TASKS = [
    Task(name="delivery.remind_uncollected", run=_remind_uncollected, at=time(9, 20), singleton=True),
    Task(name="delivery.return_uncollected", run=_return_uncollected, at=time(0, 50), singleton=True),
]
