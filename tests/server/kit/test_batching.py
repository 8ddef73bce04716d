"""Who waits together goes together, and a batch begins beside another only when it is worth its way."""

from __future__ import annotations

import asyncio

import pytest

from server.kit.batching import Batcher


class _Work:
    """Batches that end when they are told to."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self._ends: list[asyncio.Event] = []

    async def run(self, asks: list[int]) -> list[int | Exception]:
        self.sizes.append(len(asks))
        self._ends.append(asyncio.Event())
        await self._ends[-1].wait()
        return [-ask for ask in asks]

    async def end(self, place: int) -> None:
        self._ends[place].set()
        await _turns()


async def _turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_second_batch_begins_when_as_many_wait_as_are_under_way() -> None:
    work = _Work()
    batcher: Batcher[int, int] = Batcher(work.run, lanes=2, beside=2)
    asked = [asyncio.ensure_future(batcher.ask(0))]
    await _turns()
    assert work.sizes == [1]
    for number, sizes in ((1, [1]), (2, [1, 2]), (3, [1, 2]), (4, [1, 2]), (5, [1, 2])):
        asked.append(asyncio.ensure_future(batcher.ask(number)))
        await _turns()
        assert work.sizes == sizes, f"after {number}"
    await work.end(0)  # three wait and two are under way
    assert work.sizes == [1, 2, 3]
    asked += [asyncio.ensure_future(batcher.ask(number)) for number in (6, 7)]
    await work.end(1)  # two wait and three are under way: they gather on
    assert work.sizes == [1, 2, 3]
    await work.end(2)  # nobody is under way: whoever waits goes
    assert work.sizes == [1, 2, 3, 2]
    await work.end(3)
    assert await asyncio.gather(*asked) == [0, -1, -2, -3, -4, -5, -6, -7]


async def test_one_lane_gathers_while_it_works() -> None:
    work = _Work()
    batcher: Batcher[int, int] = Batcher(work.run)
    asked = [asyncio.ensure_future(batcher.ask(0))]
    await _turns()
    asked += [asyncio.ensure_future(batcher.ask(number)) for number in range(1, 4)]
    await _turns()
    assert work.sizes == [1]
    await work.end(0)
    assert work.sizes == [1, 3]
    await work.end(1)
    assert await asyncio.gather(*asked) == [0, -1, -2, -3]


async def test_what_breaks_a_batch_is_told_to_all_of_it_and_the_next_goes() -> None:
    async def breaks(asks: list[int]) -> list[int | Exception]:
        if 0 in asks:
            raise ValueError("broken")
        return list(asks)

    batcher: Batcher[int, int] = Batcher(breaks, lanes=2, beside=2)
    with pytest.raises(ValueError, match="broken"):
        await batcher.ask(0)
    assert await batcher.ask(1) == 1
