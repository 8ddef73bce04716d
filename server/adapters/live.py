"""Wake-ups for live views: through Redis where there is one, else through the database. Either may lose one.

Redis only carries them. While it is gone they go through the database, which every process hears all the time.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import redis.asyncio as aioredis
from redis.exceptions import RedisError

from server import db

if TYPE_CHECKING:
    from server.config import Settings
    from server.ports import Live

Callback = Callable[[str], None]

_logger = logging.getLogger(__name__)
_TIMEOUT = 0.25
_RETRY_SECONDS = 1.0
_GONE = (RedisError, OSError, TimeoutError)


class RedisLive:
    """Redis pub/sub between hosts; the database beside it."""

    def __init__(self, url: str) -> None:
        self._redis = aioredis.Redis.from_url(
            url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, retry_on_timeout=False, retry=None
        )
        # Unlike keys, what is published is heard in every database of a Redis: the name says for which it is.
        self._prefix = f"live:{self._redis.connection_pool.connection_kwargs.get('db', 0)}:"
        self._hearing = aioredis.Redis.from_url(url, socket_connect_timeout=_TIMEOUT, retry=None)
        self._wakes = db.Wakes()
        self._callbacks: dict[str, list[Callback]] = {}
        self._task: asyncio.Task[None] | None = None

    async def publish(self, channel: str, payload: str) -> None:
        """Publish once the transaction has committed: who is woken sooner would see nothing new."""

        async def send() -> None:
            try:
                await self._redis.publish(self._prefix + channel, payload)
            except _GONE:
                await db.notify(channel, payload)

        db.after_commit(send)

    async def subscribe(self, channel: str, callback: Callback) -> Callable[[], None]:
        """Hear Redis and the database."""
        stop = await self._wakes.subscribe(channel, callback)
        self._callbacks.setdefault(channel, []).append(callback)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

        def end() -> None:
            stop()
            with contextlib.suppress(ValueError):
                self._callbacks[channel].remove(callback)

        return end

    async def close(self) -> None:
        """Close the connections."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._hearing.aclose()
        await self._redis.aclose()

    async def _run(self) -> None:
        while True:
            try:
                async with self._hearing.pubsub() as heard:
                    await heard.psubscribe(f"{self._prefix}*")
                    self._wake_all()
                    async for message in heard.listen():
                        if message["type"] == "pmessage":
                            self._wake(message["channel"].decode().removeprefix(self._prefix), message["data"].decode())
            except _GONE as gone:
                _logger.warning("redis is gone (%s); wake-ups go through the database", type(gone).__name__)
            await asyncio.sleep(_RETRY_SECONDS)

    def _wake(self, channel: str, payload: str) -> None:
        for callback in list(self._callbacks.get(channel, ())):
            callback(payload)

    def _wake_all(self) -> None:
        for channel in list(self._callbacks):
            self._wake(channel, "")


def make(settings: Settings) -> Live:
    """Choose: Redis with an address, else the database alone."""
    return RedisLive(settings.redis_url) if settings.redis_url else db.Wakes()
