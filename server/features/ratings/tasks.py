"""What ratings do by themselves."""

from __future__ import annotations

from datetime import time, timedelta

from server.features.ratings import service as ratings
from server.ports import Ports, Task


async def _escalate(_ports: Ports) -> int:
    return await ratings.escalate()


async def _run_out(_ports: Ports) -> int:
    return await ratings.run_out()


async def _posters(ports: Ports) -> int:
    return await ratings.draw_posters(ports.stopping)


async def _texts(ports: Ports) -> int:
    return await ratings.send_texts(ports.sms)


async def _forget_posters(_ports: Ports) -> int:
    return await ratings.forget_posters()


async def _forget_sources(_ports: Ports) -> int:
    return await ratings.forget_sources()


async def _forget_callers(_ports: Ports) -> int:
    return await ratings.forget_callers()


TASKS = [
    Task(name="ratings.forget_callers", run=_forget_callers, at=time(3, 20), singleton=True),
    Task(name="ratings.forget_sources", run=_forget_sources, at=time(3, 15), singleton=True),
    Task(name="ratings.posters", run=_posters, every=timedelta(seconds=20), wake=ratings.WAKE),
    Task(name="ratings.texts", run=_texts, every=timedelta(seconds=20), wake=ratings.TEXT_WAKE),
    Task(name="ratings.forget_posters", run=_forget_posters, at=time(3, 10), singleton=True),
    Task(name="ratings.escalate", run=_escalate, at=time(0, 30), singleton=True),
    Task(name="ratings.run_out", run=_run_out, at=time(0, 35), singleton=True),
]
