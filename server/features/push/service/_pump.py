"""Keeps so many sends in flight: claims ahead, sends one message an account at a time, writes outcomes in bulk."""

from __future__ import annotations

import asyncio
import heapq
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from itertools import count
from uuid import UUID

from server.errors import Unavailable
from server.features.push.service._claim import Claimed, Outcome

Send = Callable[[Claimed], Awaitable[Outcome]]
Claim = Callable[[int], Awaitable[list[Claimed]]]
Record = Callable[[list[tuple[Claimed, Outcome]]], Awaitable[None]]
Decide = Callable[[Claimed], Outcome]

# The most one claim takes, and one writing back waits for.
BATCH = 200
# An outcome is written so soon, with all that have come meanwhile: what a killed worker had not written is sent again.
WRITE_WITHIN = 0.05
# What is held lasts for so many claims, or this time: the next must not be waited for. More is not held: what comes
# later may be urgent, and what a killed worker held counts as doubted although it was never sent.
CLAIMS_AHEAD = 2
SECONDS_AHEAD = 0.04
# So many are in flight at first.
LEAST = 4
# A round ends by then, so that leases are swept and what other workers know of the channel is looked at.
ROUND_SECONDS = 5.0
# The database is away for a moment: what is known must not be forgotten, or it would be sent again.
_RECORD_WAITS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)

_log = logging.getLogger(__name__)


class Width:
    """How many are in flight at once on a channel: few at first, then one more for every four written back.

    A worker that is killed again and again, or a channel that has just come back, puts little in doubt this way.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.now = min(LEAST, most)

    @property
    def together(self) -> int:
        """Say how many are claimed ahead or written at once at the most: as many as pay, but few while it grows."""
        return BATCH if self.now == self._most else max(self.now // 2, 1)

    def grow(self, written: int) -> None:
        """So many outcomes are safe."""
        self.now = min(self._most, self.now + max(written // 4, 1))

    def narrow(self) -> None:
        """Begin again with few."""
        self.now = min(LEAST, self._most)


class Pump:
    """One round of sending. `run` gives the number of messages dealt with; it never leaves one claimed and forgotten.

    `release` decides about a message that was claimed and not tried, `interrupted` about one whose send was cut off,
    `broken` about one whose outcome cannot be written. Once `stopping` says so nothing more is claimed.
    """

    def __init__(
        self,
        *,
        claim: Claim,
        send: Send,
        record: Record,
        release: Decide,
        interrupted: Decide,
        broken: Decide,
        stopping: Callable[[], bool],
        width: Width,
    ) -> None:
        self._claim = claim
        self._send = send
        self._record = record
        self._release = release
        self._interrupted = interrupted
        self._broken = broken
        self._stopping = stopping
        self._width = width
        self._lanes: list[tuple[int, int, deque[Claimed]]] = []
        self._order = count()
        self._waiting = 0
        self._hold = 0
        self._senders: set[asyncio.Task[None]] = set()
        self._done: list[tuple[Claimed, Outcome]] = []
        self._progress = asyncio.Event()
        self._hungry = asyncio.Event()
        self._began = self._claiming = 0.0
        self._sent = 0
        self._count = 0

    async def run(self) -> int:
        """Send until nothing is due or the round's time is over."""
        self._began = time.monotonic()
        claiming = asyncio.create_task(self._claim_ahead())
        claiming.add_done_callback(lambda _task: self._progress.set())
        try:
            await self._record_behind(claiming)
            await claiming
        finally:
            await asyncio.shield(self._stop(claiming))
        return self._count

    def _look_ahead(self) -> int:
        """Say how many to hold beside those in flight."""
        pace = self._sent / max(time.monotonic() - self._began, 0.01)
        seconds = max(CLAIMS_AHEAD * self._claiming, SECONDS_AHEAD)
        return max(self._width.now // 4, min(self._width.together, int(pace * seconds)), 1)

    @property
    def _enough(self) -> bool:
        """Say whether what waits is more than half of what is to be held: a claim for less is not worth its way."""
        return self._waiting > self._hold // 2

    async def _claim_ahead(self) -> None:
        """Keep messages waiting for whoever of the senders is free next."""
        while time.monotonic() < self._began + ROUND_SECONDS and not self._stopping():
            self._hold = self._look_ahead()
            if self._enough:
                self._hungry.clear()
                await self._hungry.wait()
            elif not await self._refill(self._width.now - len(self._senders) + self._hold - self._waiting):
                return

    async def _record_behind(self, claiming: asyncio.Task[None]) -> None:
        """Write outcomes as they come, many at once. Meanwhile the next are sent."""
        while self._done or self._senders or not claiming.done():
            if not self._done:
                await self._next()
                continue
            with suppress(TimeoutError):
                async with asyncio.timeout(WRITE_WITHIN):
                    while len(self._done) < self._width.together and self._senders:
                        await self._next()
            await self._flush()

    async def _next(self) -> None:
        self._progress.clear()
        await self._progress.wait()

    async def _stop(self, claiming: asyncio.Task[None]) -> None:
        """Cut off what is left: nothing is, unless the round was cancelled or failed."""
        left = [claiming, *self._senders]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        self._done += [(row, self._release(row)) for _, _, lane in self._lanes for row in lane]
        self._lanes.clear()
        if self._done:
            await self._flush()

    async def _refill(self, limit: int) -> bool:
        began = time.monotonic()
        rows = await self._claim(limit)
        self._claiming = time.monotonic() - began
        self._waiting += len(rows)
        lanes: dict[UUID, deque[Claimed]] = {}
        for row in sorted(rows, key=_urgency):
            lanes.setdefault(row.account_id or row.person_id or row.id, deque()).append(row)
        for lane in lanes.values():
            heapq.heappush(self._lanes, (lane[0].priority, next(self._order), lane))
        self._hire()
        return bool(rows)

    def _hire(self) -> None:
        for _ in range(min(self._width.now - len(self._senders), len(self._lanes))):
            sender = asyncio.create_task(self._work())
            self._senders.add(sender)
            sender.add_done_callback(self._left)

    def _left(self, sender: asyncio.Task[None]) -> None:
        self._senders.discard(sender)
        self._progress.set()
        self._hungry.set()

    async def _work(self) -> None:
        while self._lanes:
            priority, order, lane = heapq.heappop(self._lanes)
            while lane:
                row = lane.popleft()
                self._waiting -= 1
                try:
                    outcome = await self._send(row)
                except asyncio.CancelledError:
                    heapq.heappush(self._lanes, (priority, order, lane))
                    self._done.append((row, self._interrupted(row)))
                    raise
                self._sent += 1
                self._done.append((row, outcome))
                if len(self._done) == 1 or len(self._done) >= self._width.together:
                    self._progress.set()
                if not self._enough:
                    self._hungry.set()

    async def _flush(self) -> None:
        done, self._done = self._done, []
        for wait in _RECORD_WAITS:
            try:
                await self._write(done)
                break
            except Unavailable:
                await asyncio.sleep(wait)
        else:
            await self._write(done)
        self._count += len(done)
        self._width.grow(len(done))
        self._hire()
        self._hungry.set()

    async def _write(self, done: list[tuple[Claimed, Outcome]]) -> None:
        """Write a batch; one that the database does not take is written one by one, so that only the bad one ends."""
        try:
            await self._record(done)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 - it is logged, and nothing may be forgotten
            _log.exception("%d outcomes could not be written together", len(done))
            if len(done) == 1:
                await self._record([(done[0][0], self._broken(done[0][0]))])
                return
            for one in done:
                await self._write([one])


def _urgency(row: Claimed) -> tuple[int, datetime]:
    return row.priority, row.created_at
