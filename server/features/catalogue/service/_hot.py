"""The most used names, kept in memory: most of what is typed is found among them before the database is asked."""

from __future__ import annotations

import time
from bisect import bisect_right
from dataclasses import dataclass, field
from heapq import merge
from itertools import accumulate, islice
from typing import TYPE_CHECKING
from uuid import UUID

from server import db

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from asyncpg import Record

    from server.features.catalogue.service import _words

_FRESH_SECONDS = 1.0
_KEPT = 2000
_READ = """
SELECT s.item_id, i.name, s.pinyin, s.standing, s.plain, s.initials FROM (
    SELECT item_id, standing, plain, initials, pinyin FROM search_index ORDER BY standing DESC, item_id LIMIT $1
) s JOIN item i ON i.id = s.item_id ORDER BY s.standing DESC, s.item_id
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A name found: `low` orders it among others of its rank, the most used first."""

    rank: int
    low: int
    item_id: UUID
    name: str
    pinyin: str


class _Pile:
    """Texts one after another, so that one search goes through all of them."""

    def __init__(self, texts: list[str]) -> None:
        self._all = "\n".join(texts)
        self._starts = list(accumulate((len(text) + 1 for text in texts), initial=0))

    def holding(self, part: str) -> Iterator[int]:
        """Give which of the texts hold a part, in their order."""
        at = self._all.find(part)
        while at >= 0:
            which = bisect_right(self._starts, at) - 1
            yield which
            at = self._all.find(part, self._starts[which + 1])


@dataclass(slots=True)
class Hot:
    """The names as they were read, the most used first."""

    known: list[Known] = field(default_factory=list)
    plain: _Pile = field(default_factory=lambda: _Pile([]))
    initials: _Pile = field(default_factory=lambda: _Pile([]))
    pinyin: _Pile = field(default_factory=lambda: _Pile([]))

    def find(self, ways: list[tuple[_words.Run, ...]], wanted: int) -> list[Known]:
        """Find the most used names that fit one of the ways of saying something."""
        if len(ways) == 1 and len(ways[0]) == 1:
            # Read only as far as needed: a single letter is in nearly all of them.
            found: Iterable[int] = dict.fromkeys(islice(merge(*self._holding(ways[0][0])), wanted * 4))
        else:
            found = sorted(set().union(*(self._fitting(runs) for runs in ways)))
        return [self.known[which] for which in islice(found, wanted)]

    def _fitting(self, runs: tuple[_words.Run, ...]) -> set[int]:
        return set.intersection(*({which for some in self._holding(run) for which in some} for run in runs))

    def _holding(self, run: _words.Run) -> list[Iterator[int]]:
        if not run.letters:
            return [self.plain.holding(run.text)]
        found = [self.initials.holding(run.text)] if run.may_be_initials else []
        return found + [self.pinyin.holding(f" {' '.join(reading)}") for reading in run.readings]


_kept: tuple[float, Hot] = (0.0, Hot())


async def names() -> Hot:
    """Give the most used names, at most a second old."""
    global _kept  # noqa: PLW0603 - every keystroke needs it
    if time.monotonic() - _kept[0] > _FRESH_SECONDS:
        # Whoever asks meanwhile takes the old ones: one reading serves them all.
        _kept = (time.monotonic(), _kept[1])
        rows = await db.fetch(_READ, _KEPT)
        _kept = (time.monotonic(), _arranged(rows))
    return _kept[1]


async def forget() -> None:
    """Read them again at the next question: here they have just changed."""
    global _kept  # noqa: PLW0603 - as above
    _kept = (0.0, Hot())


def _arranged(rows: list[Record]) -> Hot:
    return Hot(
        [Known(2, -row["standing"], row["item_id"], row["name"], row["pinyin"]) for row in rows],
        _Pile([row["plain"] for row in rows]),
        _Pile([row["initials"] for row in rows]),
        _Pile([row["pinyin"] for row in rows]),
    )
