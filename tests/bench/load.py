"""A load of keep-alive requests from one thread with a loop of its own, so that measuring costs little and is the
same for ours and for the limit.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import uvloop

Ask = Callable[[], bytes]


@dataclass(slots=True)
class Rate:
    """What a load saw: answers of the wanted status per second, and how long they took in milliseconds."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    size: int = 0

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds within which a share (0.99) of the wanted answers came."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def request(method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> bytes:
    """Write one HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", "host: 127.0.0.1", "accept-language: zh-CN"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


async def load(port: int, ask: Ask, *, clients: int = 64, seconds: float = 3.0, wanted: int = 200) -> Rate:
    """Send what `ask` gives over so many connections for so many seconds, and measure."""
    # What was made before, thousands of people, is not looked through for garbage while this measures.
    gc.collect()
    gc.freeze()
    return await asyncio.to_thread(_run, port, ask, clients, seconds, wanted)


def _run(port: int, ask: Ask, clients: int, seconds: float, wanted: int) -> Rate:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_crowd(port, ask, clients, seconds, wanted))


async def _crowd(port: int, ask: Ask, clients: int, seconds: float, wanted: int) -> Rate:
    rate = Rate()
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    made = [
        await loop.create_connection(lambda: _Client(ask, rate, started + seconds, wanted), "127.0.0.1", port)
        for _ in range(clients)
    ]
    await asyncio.gather(*(client.ended for _, client in made))
    rate.seconds = time.perf_counter() - started
    return rate


class _Client(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, asks again until the time is up."""

    def __init__(self, ask: Ask, rate: Rate, until: float, wanted: int) -> None:
        self._ask = ask
        self._rate = rate
        self._until = until
        self._wanted = wanted
        self._transport: Any = None
        self._got = bytearray()
        self._sent = 0.0
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # uvloop's, which is no subclass of asyncio.Transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._got += data
        head = self._got.find(b"\r\n\r\n")
        if head < 0:
            return
        length = int(self._got[:head].lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(self._got) < head + 4 + length:
            return
        status = int(self._got[9:12])
        self._rate.statuses[status] = self._rate.statuses.get(status, 0) + 1
        now = time.perf_counter()
        if status == self._wanted:
            self._rate.times.append(now - self._sent)
            self._rate.size = length
        self._got.clear()
        if now < self._until:
            self._next()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the Protocol has it
        if not self.ended.done():
            self.ended.set_result(None)

    def _next(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._ask())
