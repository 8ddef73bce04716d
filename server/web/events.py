"""Server-sent events: a stream that survives proxies (a heartbeat), sleep (Last-Event-ID) and our own restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sanic import Request, Sanic

HEARTBEAT = 15.0
_RETRY_MS = 2000


@dataclass(frozen=True, slots=True)
class Event:
    """One event. `data` is text (HTML for htmx, JSON for a script); `id` comes back as Last-Event-ID."""

    data: str
    name: str = "message"
    id: str = ""

    def written(self) -> str:
        """Write it as the browser reads it."""
        lines = [f"id: {self.id}"] if self.id else []
        lines.append(f"event: {self.name}")
        lines += [f"data: {line}" for line in self.data.splitlines() or [""]]
        return "\n".join(lines) + "\n\n"


@dataclass(frozen=True, slots=True)
class EventStream:
    """What a handler gives back to stream. The source is closed when the browser goes away or the process stops."""

    source: AsyncIterator[Event]


def last_seen(request: Request) -> str:
    """Give the id of the last event the browser has seen before the connection broke, or an empty string."""
    return str(request.headers.get("last-event-id", ""))


async def send(request: Request, stream: EventStream) -> None:
    """Send events as they come, and a comment every 15 seconds in between."""
    response = await request.respond(
        content_type="text/event-stream", headers={"cache-control": "no-store", "x-accel-buffering": "no"}
    )
    assert response is not None  # noqa: S101 - respond() gives None only to ASGI
    closing = closing_of(request.app)
    await response.send(f"retry: {_RETRY_MS}\n\n")
    source = aiter(stream.source)
    waiting: asyncio.Task[Any] = asyncio.ensure_future(anext(source, None))
    stopping = asyncio.ensure_future(closing.wait())
    try:
        while not closing.is_set():
            await asyncio.wait((waiting, stopping), timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                await response.send(": here\n\n")
                continue
            event: Event | None = waiting.result()
            if event is None:
                break
            await response.send(event.written())
            waiting = asyncio.ensure_future(anext(source, None))
        await response.eof()
    finally:
        stopping.cancel()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        close = getattr(stream.source, "aclose", None)
        if close is not None:
            await close()


def closing_of(app: Sanic[Any, Any]) -> asyncio.Event:
    """Give what is set when this process begins to stop."""
    known: asyncio.Event | None = getattr(app.ctx, "closing", None)
    if known is None:
        known = app.ctx.closing = asyncio.Event()
    return known


async def begin_closing(app: Sanic[Any, Any]) -> None:
    """End every stream, so that they do not hold up the end of the process."""
    closing_of(app).set()
