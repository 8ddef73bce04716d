"""Keeps so many sends in flight: claims ahead, sends one message an account at a time, writes outcomes in bulk."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from server.errors import Unavailable
from server.features.push.service._claim import Claimed, Outcome

Send = Callable[[Claimed], Awaitable[Outcome]]
Claim = Callable[[int], Awaitable[list[Claimed]]]
Record = Callable[[list[tuple[Claimed, Outcome]]], Awaitable[None]]
Decide = Callable[[Claimed], Outcome]

BATCH = 200
FLUSH = 64
# A round ends by then, so that the worker can stop and other tasks get their turn.
ROUND_SECONDS = 1.0
# The database is away for a moment: what is known must not be forgotten, or it would be sent again.
_RECORD_WAITS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)


class Pump:
    """One round of sending. `run` gives the number of messages dealt with; it never leaves one claimed and forgotten.

    `release` decides about a message that was claimed and not tried, `interrupted` about one whose send was cut off.
    """

    def __init__(
        self, *, claim: Claim, send: Send, record: Record, release: Decide, interrupted: Decide, in_flight: int
    ) -> None:
        self._claim = claim
        self._send = send
        self._record = record
        self._release = release
        self._interrupted = interrupted
        self._in_flight = in_flight
        self._lanes: deque[deque[Claimed]] = deque()
        self._waiting = 0
        self._senders: set[asyncio.Task[None]] = set()
        self._done: list[tuple[Claimed, Outcome]] = []
        self._progress = asyncio.Event()
        self._hungry = asyncio.Event()
        self._count = 0

    async def run(self) -> int:
        """Send until nothing is due or the round's time is over."""
        claiming = asyncio.create_task(self._claim_ahead())
        claiming.add_done_callback(lambda _task: self._progress.set())
        try:
            await self._record_behind(claiming)
            await claiming
        finally:
            await asyncio.shield(self._stop(claiming))
        return self._count

    async def _claim_ahead(self) -> None:
        """Keep messages waiting for whoever of the senders is free next."""
        until = time.monotonic() + ROUND_SECONDS
        while time.monotonic() < until:
            if self._waiting >= BATCH:
                self._hungry.clear()
                await self._hungry.wait()
            elif not await self._refill():
                return

    async def _record_behind(self, claiming: asyncio.Task[None]) -> None:
        """Write outcomes as they come, many at once. Meanwhile the next are sent."""
        while self._done or self._senders or not claiming.done():
            if len(self._done) >= FLUSH or (self._done and not self._senders):
                await self._flush()
            else:
                self._progress.clear()
                await self._progress.wait()

    async def _stop(self, claiming: asyncio.Task[None]) -> None:
        """Cut off what is left: nothing is, unless the round was cancelled or failed."""
        left = [claiming, *self._senders]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        self._done += [(row, self._release(row)) for lane in self._lanes for row in lane]
        self._lanes.clear()
        if self._done:
            await self._flush()

    async def _refill(self) -> bool:
        rows = await self._claim(BATCH)
        self._waiting += len(rows)
        lanes: dict[UUID, deque[Claimed]] = {}
        for row in sorted(rows, key=_urgency):
            lanes.setdefault(row.account_id or row.person_id or row.id, deque()).append(row)
        self._lanes.extend(lanes.values())
        for _ in range(min(self._in_flight - len(self._senders), len(self._lanes))):
            sender = asyncio.create_task(self._work())
            self._senders.add(sender)
            sender.add_done_callback(self._left)
        return bool(rows)

    def _left(self, sender: asyncio.Task[None]) -> None:
        self._senders.discard(sender)
        self._progress.set()
        self._hungry.set()

    async def _work(self) -> None:
        while self._lanes:
            lane = self._lanes.popleft()
            while lane:
                row = lane.popleft()
                self._waiting -= 1
                try:
                    outcome = await self._send(row)
                except asyncio.CancelledError:
                    self._lanes.append(lane)
                    self._done.append((row, self._interrupted(row)))
                    raise
                self._done.append((row, outcome))
                if len(self._done) >= FLUSH:
                    self._progress.set()
                if self._waiting < BATCH:
                    self._hungry.set()

    async def _flush(self) -> None:
        done, self._done = self._done, []
        for wait in _RECORD_WAITS:
            try:
                await self._record(done)
                break
            except Unavailable:
                await asyncio.sleep(wait)
        else:
            await self._record(done)
        self._count += len(done)


def _urgency(row: Claimed) -> tuple[int, datetime]:
    return row.priority, row.created_at
