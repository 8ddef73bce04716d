"""The other process: runs every feature's tasks. Any number of them may run; they share the work by leases and locks.

A task that fails waits and tries again; the others do not notice. A task is found as `TASKS` in
`server/features/<noun>/tasks.py`, so nothing is listed here but the skin's own housekeeping.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import signal
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from server import db, wiring
from server.config import Settings
from server.errors import AppError
from server.kit import clock, garbage
from server.ports import HEARTBEAT_NAME, Ports, Task
from server.web import idempotency, problems

_FEATURES = Path(__file__).resolve().parent / "features"
_logger = logging.getLogger(__name__)
_DRAIN = 3.5
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
_HEARTBEAT = 5.0
_LOCK_SPACE = 0x0E71  # keeps our advisory locks apart from anybody else's


async def _forget_deeds(_ports: Ports) -> int:
    return await idempotency.purge()


HOUSEKEEPING = [Task(name="web.forget_deeds", run=_forget_deeds, every=timedelta(minutes=10), singleton=True)]


def tasks() -> list[Task]:
    """Gather every task. Services are imported too, since reactions are registered by them. Raises ValueError."""
    found = list(HOUSEKEEPING)
    for feature in sorted(_FEATURES.iterdir()):
        for part in ("service", "tasks"):
            if (feature / f"{part}.py").exists() or (feature / part / "__init__.py").exists():
                module: Any = importlib.import_module(f"server.features.{feature.name}.{part}")
                found += module.TASKS if part == "tasks" else []
    names = [task.name for task in found]
    if doubled := {name for name in names if names.count(name) > 1}:
        msg = f"two tasks are called {', '.join(sorted(doubled))}"
        raise ValueError(msg)
    return found


def work(settings: Settings) -> int:
    """Run tasks until SIGTERM or Ctrl-C."""
    with asyncio.Runner() as runner:
        return runner.run(_until_told(settings))


async def _until_told(settings: Settings) -> int:
    stopping = asyncio.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(wanted, stopping.set)
    ports = wiring.ports(settings)
    await db.connect(settings)
    try:
        found = tasks()
        garbage.settle()
        _logger.info("worker runs %d tasks", len(found))
        await run(found, ports, stopping)
    finally:
        for close in ports.closers:
            await close()
        await db.disconnect()
    return 0


async def run(given: list[Task], ports: Ports, stopping: asyncio.Event) -> None:
    """Run tasks until `stopping`; what is in a round then has some seconds to finish it."""
    locks, ports = Locks(), replace(ports, stopping=stopping.is_set)
    beating = asyncio.create_task(locks.beat(stopping))
    running = [asyncio.create_task(_Runner(task, ports, locks, stopping).run(), name=task.name) for task in given]
    await stopping.wait()
    _done, late = await asyncio.wait([*running, beating], timeout=_DRAIN)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
    await locks.close()


class Locks:
    """Advisory locks on a connection of their own, which is also this worker's heartbeat."""

    def __init__(self) -> None:
        self._connection: asyncpg.Connection | None = None
        self._turn = asyncio.Lock()

    @contextlib.asynccontextmanager
    async def held(self, name: str) -> AsyncIterator[bool]:
        """Try to be the one who runs a task; yields whether it worked."""
        number = zlib.crc32(name.encode())
        got: bool = await self._ask("SELECT pg_try_advisory_lock($1, $2)", _LOCK_SPACE, number - (1 << 31))
        try:
            yield got
        finally:
            if got:
                # A lost connection has given the lock back already.
                with contextlib.suppress(AppError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                    await self._ask("SELECT pg_advisory_unlock($1, $2)", _LOCK_SPACE, number - (1 << 31))

    async def beat(self, stopping: asyncio.Event) -> None:
        """Show every few seconds that this worker lives."""
        while not stopping.is_set():
            with contextlib.suppress(AppError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await self._ask("SELECT true")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _HEARTBEAT)

    async def close(self) -> None:
        """Give everything back."""
        if self._connection is not None:
            await self._connection.close(timeout=1)

    async def _ask(self, sql: str, *args: object) -> Any:  # noqa: ANN401 - what the statement gives
        async with self._turn:
            if self._connection is None or self._connection.is_closed():
                self._connection = await asyncpg.connect(
                    db.address(), timeout=5, command_timeout=5, server_settings={"application_name": HEARTBEAT_NAME}
                )
            return await self._connection.fetchval(sql, *args)


class _Runner:
    """Runs one task over and over."""

    def __init__(self, task: Task, ports: Ports, locks: Locks, stopping: asyncio.Event) -> None:
        self._task = task
        self._ports = ports
        self._locks = locks
        self._stopping = stopping
        self._woken = asyncio.Event()
        self._pause = 0.0

    async def run(self) -> None:
        """Run until stopping. A failure is logged and waited out."""
        listening = False
        if self._task.at is not None and self._next_daily().date() == clock.today():
            await (
                self._sleep()
            )  # today's minute is still to come; a passed one may have been missed, so it is made up for
        while not self._stopping.is_set():
            try:
                if self._task.wake is not None and not listening:
                    await db.listen(self._task.wake, self._wake)
                    listening = True
                await self._rounds()
                self._pause = 0.0
            except Exception as error:  # noqa: BLE001 - one task's trouble must not end the others
                self._pause = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, self._pause * 2))
                known = isinstance(error, AppError)
                why = type(error).__name__ if known else problems.trace(error)
                _logger.log(
                    logging.WARNING if known else logging.ERROR,
                    "task %s: %s; again in %.0f s",
                    self._task.name,
                    why,
                    self._pause,
                )
            await self._sleep()

    async def _rounds(self) -> None:
        if not self._task.singleton:
            await self._until_idle()
            return
        async with self._locks.held(self._task.name) as got:
            if got:
                await self._until_idle()

    async def _until_idle(self) -> None:
        self._woken.clear()
        while await self._task.run(self._ports) and not self._stopping.is_set():  # noqa: ASYNC110 - it does not wait
            await asyncio.sleep(0)  # lets the others have a turn

    async def _sleep(self) -> None:
        seconds = self._pause or self._due()
        waiting = [asyncio.ensure_future(self._stopping.wait())]
        if not self._pause:
            waiting.append(asyncio.ensure_future(self._woken.wait()))
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()

    def _due(self) -> float:
        if self._task.every is not None:
            return self._task.every.total_seconds()
        return (self._next_daily() - clock.now()).total_seconds()

    def _next_daily(self) -> datetime:
        now = clock.now().astimezone(clock.SHANGHAI)
        assert self._task.at is not None  # noqa: S101 - Task has either `every` or `at`
        today = now.replace(
            hour=self._task.at.hour, minute=self._task.at.minute, second=self._task.at.second, microsecond=0
        )
        return today if today > now else today + timedelta(days=1)

    def _wake(self, _payload: str) -> None:
        self._woken.set()
