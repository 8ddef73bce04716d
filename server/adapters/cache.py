"""Rate limits: counted in Redis where there is one, so that all hosts share a count, else in this process.

The algorithm is GCRA: per bucket and subject one number, the moment at which the whole allowance is free again.
"""

from __future__ import annotations

import logging
import math
import time
from dataclasses import replace

import redis.asyncio as aioredis
from redis.exceptions import RedisError

from server.ports import BUCKETS, Bucket

_logger = logging.getLogger(__name__)
_TIMEOUT = 0.25
_PAUSE = 5.0
_TIDY_AT = 50_000

_SCRIPT = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1000000
local most, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local step = seconds / most
local free = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local wait = free - now - (seconds - step)
if wait > 0.000001 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.6f', free + step), 'PX', math.ceil((free + step - now) * 1000))
return 0
"""


class LocalLimits:
    """Counts in this process. `share` divides the allowance where several processes serve one address."""

    def __init__(self, *, scale: float = 1.0, share: int = 1) -> None:
        self._buckets = {name: _scaled(bucket, scale / share) for name, bucket in BUCKETS.items()}
        self._free: dict[tuple[str, str], float] = {}
        self._tidy_at = _TIDY_AT

    async def take(self, bucket: str, subject: str) -> int:
        """Count one attempt; gives the seconds to wait, 0 for none."""
        allowed = self._buckets[bucket]
        now = time.monotonic()
        step = allowed.seconds / allowed.most
        free = max(self._free.get((bucket, subject), 0.0), now)
        wait = free - now - (allowed.seconds - step)
        if wait > 1e-6:
            return math.ceil(wait)
        self._free[bucket, subject] = free + step
        if len(self._free) > self._tidy_at:
            self._free = {key: until for key, until in self._free.items() if until > now}
            # What is still counted stays: looking through all of it again at each attempt would be a gift to a flood.
            self._tidy_at = max(_TIDY_AT, 2 * len(self._free))
        return 0

    async def close(self) -> None:
        """Forget everything."""
        self._free.clear()


class RedisLimits:
    """Counts in Redis. While Redis is gone it counts here: reading as before, everything careful at a quarter."""

    def __init__(self, url: str, *, scale: float = 1.0, share: int = 1) -> None:
        self._redis = aioredis.Redis.from_url(
            url, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, retry_on_timeout=False, retry=None
        )
        self._script = self._redis.register_script(_SCRIPT)
        self._buckets = {name: _scaled(bucket, scale) for name, bucket in BUCKETS.items()}
        self._plain = LocalLimits(scale=scale, share=share)
        self._strict = LocalLimits(scale=scale / 4, share=share)
        self._gone_until = 0.0

    async def take(self, bucket: str, subject: str) -> int:
        """Count one attempt; gives the seconds to wait, 0 for none."""
        allowed = self._buckets[bucket]
        if time.monotonic() >= self._gone_until:
            try:
                return int(await self._script(keys=[f"limit:{bucket}:{subject}"], args=[allowed.most, allowed.seconds]))
            except (RedisError, OSError, TimeoutError) as gone:
                # Asking a dead Redis on every request would cost each of them the timeout.
                self._gone_until = time.monotonic() + _PAUSE
                _logger.warning("redis is gone (%s); counting in this process", type(gone).__name__)
        return await (self._strict if allowed.careful else self._plain).take(bucket, subject)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


def limits(url: str, *, scale: float = 1.0, share: int = 1) -> LocalLimits | RedisLimits:
    """Choose the store: Redis with an address, else this process."""
    return RedisLimits(url, scale=scale, share=share) if url else LocalLimits(scale=scale, share=share)


def _scaled(bucket: Bucket, factor: float) -> Bucket:
    return replace(bucket, most=max(1, round(bucket.most * factor)))
