"""Who watches a hall hears of every change: one look at the database a change and process, however many watch."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from uuid import UUID

from server import db
from server.features.queue.service._board import Board, load
from server.ports import Live

CHANNEL = "queue"
# A wake-up may be lost with its connection; then the hall is looked at after so long.
RECHECK_SECONDS = 10.0
# Many changes in a moment are one look.
GATHER_SECONDS = 0.05
RECENT_SECONDS = 0.5

_log = logging.getLogger(__name__)
_port: Live = db.Wakes()


def go_live(port: Live) -> None:
    """Say by what this process tells the others, and hears of them."""
    global _port  # noqa: PLW0603 - one way a process
    _port = port


async def changed(hall_id: UUID) -> None:
    """Tell everybody who watches a hall, once the transaction has committed."""
    await _port.publish(CHANNEL, str(hall_id))


class Room:
    """Everybody who watches one hall from this process."""

    def __init__(self, hall_id: UUID) -> None:
        self.hall_id = hall_id
        self.board: Board | None = None
        self.watching = 0
        self._woken = asyncio.Event()
        self._fresh: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None
        self._stop: Callable[[], None] = lambda: None

    async def open(self) -> None:
        """Listen first, look then: nothing falls between."""
        self._stop = await _port.subscribe(CHANNEL, self._heard)
        try:
            self.board = await load(self.hall_id)
        except BaseException:
            self._stop()
            raise
        self._task = asyncio.create_task(self._run())

    def close(self) -> None:
        """End with the last who watched."""
        self._stop()
        if self._task is not None:
            self._task.cancel()

    async def next(self, seen: Board | None, seconds: float) -> Board:
        """Wait, at most so long, for a look after the one that was `seen`, and give the newest.

        One made while whoever asks was still busy telling of that one is not waited for.
        """
        if self.board is seen:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._fresh), seconds)
        assert self.board is not None  # noqa: S101 - open() made it
        return self.board

    def _heard(self, hall: str) -> None:
        if hall in ("", str(self.hall_id)):
            self._woken.set()

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), RECHECK_SECONDS)
            await asyncio.sleep(GATHER_SECONDS)
            self._woken.clear()
            try:
                self.board = await load(self.hall_id)
            except Exception as failure:  # noqa: BLE001 - whatever it was, those who watch must not be left for good
                _log.warning("a hall could not be looked at; what was seen last stays on its screens: %r", failure)
                continue
            done, self._fresh = self._fresh, asyncio.get_running_loop().create_future()
            done.set_result(None)


_rooms: dict[UUID, Room] = {}
_recent: dict[UUID, tuple[float, Board]] = {}
_looking: dict[UUID, asyncio.Lock] = {}


async def recent(hall_id: UUID) -> Board:
    """Give a look at a hall that is a moment old at most: however many open the page at once, it is one look."""
    room = _rooms.get(hall_id)
    if room is not None and room.board is not None:
        return room.board
    async with _looking.setdefault(hall_id, asyncio.Lock()):
        known = _recent.get(hall_id)
        if known is None or known[0] < time.monotonic():
            board = await load(hall_id)
            known = _recent[hall_id] = (time.monotonic() + RECENT_SECONDS, board)
    return known[1]


# A hall that is slow to be looked at keeps nobody from another one.
_opening: dict[UUID, asyncio.Lock] = {}


@asynccontextmanager
async def watched(hall_id: UUID) -> AsyncIterator[Room]:
    """Watch a hall; the first who comes opens the room, the last who goes closes it."""
    async with _opening.setdefault(hall_id, asyncio.Lock()):
        room = _rooms.get(hall_id)
        if room is None:
            room = Room(hall_id)
            await room.open()
            _rooms[hall_id] = room
        room.watching += 1
    try:
        yield room
    finally:
        room.watching -= 1
        if room.watching == 0 and _rooms.get(hall_id) is room:
            del _rooms[hall_id]
            room.close()
