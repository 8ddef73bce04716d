"""What the worker does for the catalogue."""

from __future__ import annotations

from datetime import time, timedelta

from server.features.catalogue import service
from server.ports import Ports, Task


async def _take_effect(_ports: Ports) -> int:
    return await service.take_effect()


async def _keep_reference(_ports: Ports) -> int:
    # A newer release ships more regions, synonyms and published calendars; a new year needs its provisional days.
    await service.load_regions()
    await service.load_synonyms()
    await service.seed_calendar()
    return 0


async def _tidy_search(_ports: Ports) -> int:
    await service.forget_misses()
    await service.reorder()
    return 0


TASKS = [
    Task(name="catalogue.take_effect", run=_take_effect, every=timedelta(minutes=5), singleton=True),
    Task(name="catalogue.keep_reference", run=_keep_reference, every=timedelta(hours=6), singleton=True),
    Task(name="catalogue.tidy_search", run=_tidy_search, at=time(3, 40), singleton=True),
]
