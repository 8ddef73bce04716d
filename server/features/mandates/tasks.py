"""What runs out is ended, and both sides are told."""

from __future__ import annotations

from datetime import timedelta

from server.features.mandates import service as mandates
from server.ports import Ports, Task


async def _expire(_ports: Ports) -> int:
    return await mandates.expire()


TASKS = [Task(name="mandates.expire", run=_expire, every=timedelta(minutes=30), singleton=True)]
