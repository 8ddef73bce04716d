"""News for open pages: a numbered list of what changed, for a stream and for those who must poll."""

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import AsyncIterator

import msgspec

__all__ = ["Change", "Changes", "Hub"]

KEPT = 500
HEARTBEAT_SECONDS = 15.0


class Change(msgspec.Struct):
    id: str
    kind: str  # phones, message, sms, codes, subscription, authenticator, resync
    phone: str | None = None


class Changes(msgspec.Struct):
    """`latest` is handed back as `since` next time."""

    latest: str
    changes: list[Change]


class Hub:
    """Ids are `boot.number`: a page that lived through a restart of the sandbox is told to read everything anew."""

    def __init__(self) -> None:
        self._boot = secrets.token_hex(4)
        self._number = 0
        self._kept: deque[tuple[int, Change]] = deque(maxlen=KEPT)
        self._waiting: set[asyncio.Event] = set()
        self._closed = False

    @property
    def latest(self) -> str:
        return f"{self._boot}.{self._number}"

    def publish(self, kind: str, phone: str | None = None) -> None:
        self._number += 1
        self._kept.append((self._number, Change(self.latest, kind, phone)))
        for waiter in self._waiting:
            waiter.set()

    def since(self, seen: str) -> list[Change]:
        boot, _, number = seen.partition(".")
        if boot != self._boot or not number.isdigit() or int(number) > self._number:
            return [Change(self.latest, "resync")]
        oldest = self._number - len(self._kept)
        if int(number) < oldest:
            return [Change(self.latest, "resync")]
        return [change for position, change in self._kept if position > int(number)]

    async def wait(self, seen: str | None, seconds: float) -> Changes:
        """What happened after `seen`; waits for something at most so long."""
        waiter = asyncio.Event()
        self._waiting.add(waiter)
        position = seen or self.latest
        try:
            found = self.since(position)
            if not found and seconds > 0 and not self._closed:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(waiter.wait(), seconds)
                found = self.since(position)
            return Changes(self.latest, found)
        finally:
            self._waiting.discard(waiter)

    async def stream(self, seen: str | None) -> AsyncIterator[str]:
        """Server-sent events, with a comment as heartbeat so that proxies keep the line open."""
        position = seen or self.latest
        yield f"retry: 2000\nid: {position}\nevent: hello\ndata: {{}}\n\n"
        while not self._closed:
            news = await self.wait(position, HEARTBEAT_SECONDS)
            position = news.latest
            for change in news.changes:
                yield f"id: {change.id}\nevent: change\ndata: {msgspec.json.encode(change).decode()}\n\n"
            if not news.changes:
                yield ": still here\n\n"

    def close(self) -> None:
        self._closed = True
        for waiter in self._waiting:
            waiter.set()
