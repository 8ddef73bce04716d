"""Wake-ups across processes: NOTIFY in the transaction, one LISTEN connection a process."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import logging
from collections.abc import Callable

import asyncpg

from server.db import connecting
from server.db.engine import is_unreachable
from server.db.transaction import execute, in_tx

Callback = Callable[[str], None]

_RETRY_SECONDS = 1.0
_FIRST_SECONDS = 5.0

_log = logging.getLogger(__name__)


async def notify(channel: str, payload: str = "") -> None:
    """Wake every listener once the current transaction commits (at once without one). Payload: at most 7,999 bytes."""
    await execute("SELECT pg_notify($1, $2)", channel, payload)


class _Listener:
    """The process's LISTEN connection and who waits on it."""

    def __init__(self) -> None:
        self._callbacks: dict[str, list[Callback]] = {}
        self._connection: asyncpg.Connection | None = None
        self._task: asyncio.Task[None] | None = None
        self._up = asyncio.Event()

    async def add(self, channel: str, callback: Callback) -> None:
        first = channel not in self._callbacks
        self._callbacks.setdefault(channel, []).append(callback)
        if self._task is None or self._task.done():
            # A context of its own: this task outlives whatever asked first, and is in nobody's transaction.
            self._task = asyncio.create_task(self._run(), context=contextvars.Context())
        elif first and self._connection is not None:
            await self._connection.add_listener(channel, self._heard)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._up.wait(), _FIRST_SECONDS)

    def remove(self, channel: str, callback: Callback) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._callbacks[channel].remove(callback)

    async def close(self) -> None:
        """End with the pool."""
        self._callbacks.clear()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        missed = False
        while True:
            try:
                await self._stay_connected(wake=missed)
            except Exception as error:
                if not is_unreachable(error):
                    raise
                _log.warning("the listening connection was lost and is made again")
            missed = True
            await asyncio.sleep(_RETRY_SECONDS)

    async def _stay_connected(self, *, wake: bool) -> None:
        connection = await asyncpg.connect(connecting.address(), server_settings={"application_name": "onetrip listen"})
        try:
            ended = asyncio.Event()
            connection.add_termination_listener(lambda _connection: ended.set())
            self._connection = connection
            for channel in list(self._callbacks):
                await connection.add_listener(channel, self._heard)
            self._up.set()
            if wake:
                self._wake_all()
            await ended.wait()
        finally:
            self._up.clear()
            self._connection = None
            connection.terminate()

    def _heard(self, _connection: object, _pid: int, channel: str, payload: object) -> None:
        for callback in list(self._callbacks.get(channel, ())):
            callback(str(payload))

    def _wake_all(self) -> None:
        for callback in [one for several in self._callbacks.values() for one in several]:
            callback("")


_listener: _Listener | None = None


async def listen(channel: str, callback: Callback) -> Callable[[], None]:
    """Call `callback(payload)` for each NOTIFY, on this loop; gives the function that ends it.

    After a lost connection it is called once with "", since something may have been missed. It must not block.
    """
    global _listener  # noqa: PLW0603 - one LISTEN connection a process
    if _listener is None:
        _listener = _Listener()
    listener = _listener
    await listener.add(channel, callback)
    return lambda: listener.remove(channel, callback)


class Wakes:
    """Wake-ups through the database itself: every process hears them, on whatever host, with or without a helper."""

    async def publish(self, channel: str, payload: str) -> None:
        """Wake everybody on a channel once the current transaction commits; RuntimeError outside of one."""
        in_tx("db.Wakes.publish()")
        await notify(channel, payload)

    async def subscribe(self, channel: str, callback: Callback) -> Callable[[], None]:
        """Call back for each wake-up; gives what ends it."""
        return await listen(channel, callback)

    async def close(self) -> None:
        """Nothing to close: the connection ends with the pool."""


async def _close() -> None:
    global _listener
    closing, _listener = _listener, None
    if closing is not None:
        await closing.close()


connecting.before_close.append(_close)
