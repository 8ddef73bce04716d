"""Many who wait share one round trip: what comes while one batch is under way makes the next."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")

# One entry per ask, in order: its answer, or the error it alone is told.
Run = Callable[[list[Ask]], Awaitable[list[Answer | Exception]]]


def _nothing(_ask: object) -> Iterable[Hashable]:
    return ()


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Ask, Answer]):
    """One who waits, and the marks that keep them apart from others."""

    ask: Ask
    marks: frozenset[Hashable]
    future: asyncio.Future[Answer]


class Batcher(Generic[Ask, Answer]):
    """No timer: an idle process answers at once, a busy one gathers by being busy.

    Up to `lanes` batches are under way. One starts beside another only for at least `beside` who wait: smaller ones
    would cost more round trips than they save time. Asks that share a mark of `apart` are never under way together. An
    asker who leaves takes nothing away: the batch runs on.
    """

    def __init__(
        self,
        run: Run[Ask, Answer],
        *,
        most: int = 256,
        lanes: int = 1,
        beside: int = 1,
        apart: Callable[[Ask], Iterable[Hashable]] = _nothing,
    ) -> None:
        self._run = run
        self._most = most
        self._lanes = lanes
        self._beside = beside
        self._apart = apart
        self._waiting: list[_Waiting[Ask, Answer]] = []
        self._marks: set[Hashable] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way = 0

    async def ask(self, ask: Ask) -> Answer:
        """Wait for the answer to one ask. Raises what the batch says of it."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append(_Waiting(ask, frozenset(self._apart(ask)), future))
        if any(task.get_loop() is not loop for task in self._tasks):
            # A loop that ended took its batches along.
            self._tasks.clear()
            self._marks.clear()
            self._under_way = 0
        if not self._tasks or (len(self._tasks) < self._lanes and self._enough()):
            # A context of its own: the batch is in nobody's transaction and outlives whoever asked first.
            task = loop.create_task(self._work(), context=contextvars.Context())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await future

    async def _work(self) -> None:
        try:
            # Who is left to the other lanes is taken by whichever of them ends next.
            while (len(self._tasks) == 1 or self._enough()) and (batch := self._next()):
                self._under_way += len(batch)
                try:
                    await self._answer(batch)
                finally:
                    self._under_way -= len(batch)
                    self._marks.difference_update(*(waiting.marks for waiting in batch))
        finally:
            # At once: whoever asks next must know that nobody works.
            self._tasks.discard(asyncio.current_task())

    def _enough(self) -> bool:
        return len(self._waiting) >= max(self._beside, self._under_way)

    async def _answer(self, batch: list[_Waiting[Ask, Answer]]) -> None:
        try:
            answers = await self._run([waiting.ask for waiting in batch])
        except Exception as error:  # noqa: BLE001 - everybody who waits is told
            answers = [error] * len(batch)
        for waiting, answer in zip(batch, answers, strict=True):
            if waiting.future.done():
                continue  # the asker has left
            if isinstance(answer, Exception):
                waiting.future.set_exception(answer)
            else:
                waiting.future.set_result(answer)

    def _next(self) -> list[_Waiting[Ask, Answer]]:
        taken: list[_Waiting[Ask, Answer]] = []
        left: list[_Waiting[Ask, Answer]] = []
        for waiting in self._waiting:
            if len(taken) >= self._most or not self._marks.isdisjoint(waiting.marks):
                left.append(waiting)
                continue
            self._marks |= waiting.marks
            taken.append(waiting)
        self._waiting = left
        return taken
