"""Sealing goes on by itself."""

from __future__ import annotations

from datetime import timedelta

from server.features.audit import service
from server.ports import Ports, Task


async def _seal(ports: Ports) -> int:
    return await service.seal(ports.witness)


TASKS = [Task(name="audit.seal", run=_seal, every=timedelta(seconds=5), singleton=True)]
