"""A hundred messages a second, said by use cases of their own: how many are handed over within ten seconds."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from server import db, wiring
from server.adapters import wechat
from server.features.push import service as push
from server.kit import clock
from server.ports import Ports
from tests.bench.push_drain import _people, _pointed
from tests.bench.registry import Figure, row
from tests.bench.stage import database, free_port, process
from tests.factories.push import Hello

PACE = 100
SECONDS = 30
_IN_TIME = """
    SELECT count(*) FILTER (WHERE state = 'sent' AND ended_at - created_at <= $1)::float8 / count(*) FROM outbox
"""


@row("push_pace")
async def run() -> Figure:
    """Say them evenly while one worker's rounds go on; `ours` is the share in time, the limit is all of them."""
    port = free_port()
    async with database() as settings, process(port, "server.sandbox", "--port", str(port)) as base:
        people = await _people(base)
        api = wechat.make(_pointed(settings, base))
        working = asyncio.create_task(_work(replace(wiring.ports(settings), wechat=api)))
        await _say([account for account, _ in people])
        await asyncio.sleep(10)
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        await api.close()
        share = await db.fetchval(_IN_TIME, timedelta(seconds=10))
    return Figure(ours=share, limit=1.0, unit="share handed over within 10 s")


async def _work(ports: Ports) -> None:
    while True:
        if not await push.deliver(ports, push.Channel.WECHAT):
            await asyncio.sleep(0.2)


async def _say(accounts: list[UUID]) -> None:
    began = clock.now()
    for number in range(PACE * SECONDS):
        due = began + timedelta(seconds=number / PACE)
        await asyncio.sleep(max((due - clock.now()).total_seconds(), 0))
        await push.send(Hello(), to=push.To(account_id=accounts[number]), dedupe=str(number))
