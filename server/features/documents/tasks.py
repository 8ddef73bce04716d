"""What documents does by itself."""

from __future__ import annotations

from datetime import timedelta

from server.features.documents import service as documents
from server.ports import Ports, Task


async def _sweep(ports: Ports) -> int:
    return await documents.sweep_unused(ports.files)


async def _sweep_halves(_ports: Ports) -> int:
    return await documents.sweep_halves()


TASKS = [
    Task(name="documents.sweep_halves", run=_sweep_halves, every=timedelta(hours=1), singleton=True),
    Task(name="documents.sweep_unused", run=_sweep, every=timedelta(hours=1), singleton=True),
]
