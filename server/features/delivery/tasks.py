"""Timed work of delivery."""

from __future__ import annotations

from datetime import time, timedelta

from server.features.delivery import service as delivery
from server.ports import Ports, Task


async def _remind_uncollected(_ports: Ports) -> int:
    return await delivery.remind_uncollected()


async def _return_uncollected(_ports: Ports) -> int:
    return await delivery.return_uncollected()


async def _place_orders(ports: Ports) -> int:
    return await delivery.place_orders(ports)


async def _ask_courier(ports: Ports) -> int:
    return await delivery.ask_courier(ports)


async def _forget_calls(_ports: Ports) -> int:
    return sum([await delivery.forget_calls(), await delivery.forget_locker_calls(), await delivery.forget_attempts()])


async def _recall_expired(_ports: Ports) -> int:
    return await delivery.recall_expired()


TASKS = [
    Task(name="delivery.place_orders", run=_place_orders, every=timedelta(seconds=5), wake=delivery.WAKE),
    Task(name="delivery.ask_courier", run=_ask_courier, every=timedelta(minutes=10), singleton=True),
    Task(name="delivery.recall_expired", run=_recall_expired, every=timedelta(minutes=30), singleton=True),
    Task(name="delivery.forget_calls", run=_forget_calls, at=time(3, 50), singleton=True),
    Task(name="delivery.remind_uncollected", run=_remind_uncollected, at=time(9, 20), singleton=True),
    Task(name="delivery.return_uncollected", run=_return_uncollected, at=time(0, 50), singleton=True),
]
