"""Housekeeping of the thread."""

from __future__ import annotations

from datetime import time

from server.features.thread import service as thread
from server.ports import Ports, Task


async def _forget_codes(_ports: Ports) -> int:
    return await thread.forget_codes()


TASKS = [Task(name="thread.forget_codes", run=_forget_codes, at=time(3, 10), singleton=True)]
