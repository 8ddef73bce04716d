"""A hundred phones watch one hall: an update reaches all within a second, at 50 KB each; the bench has five hundred."""

from __future__ import annotations

import asyncio
import gc
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from server.actor import Anonymous
from server.features.queue import service as queue
from server.features.queue.models import Ticket
from server.features.queue.schemas import TicketOut
from server.features.queue.service import _live, _view
from server.features.thread import service as thread
from tests.factories import catalogue as make
from tests.factories.identity import AsStaff
from tests.factories.queue import line, watched

pytestmark = pytest.mark.usefixtures("client")
PHONES, FIRST, ROUNDS = 100, 20, 3
SECONDS, BYTES = 1.0, 50 * 1024


@dataclass(frozen=True, slots=True)
class Seen:
    """Seconds from the call to the last who heard of it, at best, and the bytes one more phone takes."""

    seconds: float
    bytes_each: float


@pytest.fixture
def _traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


async def watch(as_staff: AsStaff) -> Seen:
    """Let a hundred wait as their requests do, each for another version than it has, while windows call."""
    hall = await make.county()
    await line(hall.id, PHONES + ROUNDS)
    rows = (await Ticket.filter(hall_id=hall.id).order_by("rank_at"))[ROUNDS:]
    phones = [(await thread.issue_code("ticket", row.id), 0) for row in rows]
    clerk = (await as_staff("clerk", hall=hall.id)).actor
    windows = [await make.window(hall, nth) for nth in range(1, ROUNDS + 1)]

    async def told(code: str, version: int, wait: int = 25) -> TicketOut:
        return await queue.watch_by_code(Anonymous(), code, version, wait)

    took = []
    each = 0.0
    for window in windows:
        phones = [(code, (await told(code, 0, 0)).version) for code, _ in phones]
        waiting = [asyncio.create_task(told(*phone)) for phone in phones[:FIRST]]
        await watched(hall.id, FIRST)
        before = _held()
        waiting += [asyncio.create_task(told(*phone)) for phone in phones[FIRST:]]
        await watched(hall.id, PHONES)
        each = (_held() - before) / (PHONES - FIRST)
        await queue.call_next(clerk, window.id)
        began = time.monotonic()
        heard = await asyncio.gather(*waiting)
        took.append(time.monotonic() - began)
        _live._recent.clear()
        assert all(one.version != seen for one, (_, seen) in zip(heard, phones, strict=True))
    return Seen(min(took), each)


def _held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


@pytest.mark.usefixtures("_traced")
async def test_a_hundred_hear_within_a_second_and_cost_little(as_staff: AsStaff) -> None:
    seen = await watch(as_staff)
    assert seen.seconds <= SECONDS, seen
    assert seen.bytes_each <= BYTES, seen


@pytest.mark.usefixtures("_traced")
async def test_it_sees_a_slow_and_greedy_hall(as_staff: AsStaff, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same measure of a hall that gathers changes for too long and keeps a copy of too much for each phone."""

    async def greedy(ticket: Ticket) -> _view._Facts:
        return _view._Facts(f"{ticket.number:>60000}", None, [])

    monkeypatch.setattr(_live, "GATHER_SECONDS", 1.1)
    monkeypatch.setattr(_view, "_facts_of", greedy)
    seen = await watch(as_staff)
    assert seen.seconds > SECONDS, "a slow hall was not seen"
    assert seen.bytes_each > BYTES, "a greedy hall was not seen"
