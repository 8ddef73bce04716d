"""What somebody typed, understood: as it stands, in the catalogue's own words, and cut in two where order is astray."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from server.features.catalogue.service import _words

if TYPE_CHECKING:
    from collections.abc import Iterable

FILLERS = Path(__file__).resolve().parent.parent / "data" / "fillers.txt"
# One way is what was typed; the statement has room for five more.
MOST_WAYS = 6
_HOT_CHARS = 4
_HOT_LETTERS = 9
_LAST_CHARACTER = "\U0010ffff"
_FIRST_CHARACTER = "0"  # of those names are folded to: nothing a name can go on with lies before it
_SPELT = 4
_COMPLETED = 3
# Of English: what says nothing of the matter itself.
_LITTLE = frozenset(
    [
        "a",
        "an",
        "the",
        "my",
        "i",
        "we",
        "to",
        "for",
        "of",
        "how",
        "get",
        "want",
        "need",
        "do",
        "apply",
        "application",
        "please",
        "new",
    ]
)


@dataclass(frozen=True, slots=True)
class Saying:
    """What people say for something: all of `parts`, in any order, mean all of `means`."""

    parts: tuple[str, ...]
    means: tuple[str, ...]
    size: int

    @property
    def runs(self) -> tuple[_words.Run, ...]:
        """What it means, to be looked for."""
        return _words.runs_of(" ".join(self.means))

    def within(self, other: Saying) -> bool:
        """Say whether all of it is said by another one already."""
        return all(any(part in longer for longer in other.parts) for part in self.parts)


@dataclass(slots=True)
class Sayings:
    """All that people say instead, found by what is in them or by how it is spelt."""

    by_pair: dict[str, list[Saying]] = field(default_factory=dict)
    spelt: list[tuple[str, Saying]] = field(default_factory=list)
    begun: list[tuple[str, Saying]] = field(default_factory=list)

    @classmethod
    def of(cls, rows: list[tuple[str, str, str]]) -> Sayings:
        """Arrange rows of (what is said, what it means, how it is spelt)."""
        made = cls()
        for word, means, pinyin in rows:
            parts, spelling = tuple(word.split()), pinyin.split()
            saying = Saying(parts, tuple(means.split()), len(word))
            made.by_pair.setdefault(max(parts, key=len)[:2], []).append(saying)
            made.begun.append(("".join(parts), saying))
            for spelt in {"".join(spelling), "".join(reversed(spelling))}:
                made.spelt.append((spelt, saying))
        made.spelt.sort(key=lambda pair: pair[0])
        made.begun.sort(key=lambda pair: pair[0])
        return made

    def said_in(self, plain: str) -> list[Saying]:
        """List what was said there, what says most first, and nothing that a longer saying says too."""
        found = [
            saying
            for pair in dict.fromkeys(first + second for first, second in pairwise(plain))
            for saying in self.by_pair.get(pair, ())
            if all(part in plain for part in saying.parts)
        ]
        found.sort(key=lambda saying: -saying.size)
        kept: list[Saying] = []
        for saying in found:
            if not any(saying.parts != longer.parts and saying.within(longer) for longer in kept):
                kept.append(saying)
        return kept

    def spelt_in(self, letters: str) -> list[Saying]:
        """List what is spelt so, wholly or up to where somebody is still typing; or what it begins with."""
        if len(letters) < _SPELT:
            return []
        for end in range(len(letters), _SPELT - 1, -1):
            at = bisect_left(self.spelt, letters[:end], key=lambda pair: pair[0])
            found: list[Saying] = []
            while at < len(self.spelt) and self._fits(self.spelt[at][0], letters, end) and len(found) < _COMPLETED:
                found.append(self.spelt[at][1])
                at += 1
            if found:
                return found
        return []

    @staticmethod
    def _fits(spelt: str, letters: str, end: int) -> bool:
        return spelt.startswith(letters) if end == len(letters) else spelt == letters[:end]

    def begun_by(self, plain: str) -> list[Saying]:
        """List what may become of it when it is typed to its end."""
        at = bisect_left(self.begun, plain, key=lambda pair: pair[0])
        found: list[Saying] = []
        while plain and at < len(self.begun) and self.begun[at][0].startswith(plain) and len(found) < _COMPLETED:
            found.append(self.begun[at][1])
            at += 1
        return found


class Ask:
    """Something typed, with every way of saying it. `ways[0]` is what was typed."""

    def __init__(self, typed: str, sayings: Sayings) -> None:
        whole = _words.runs_of(typed)
        self.runs = whole
        self.key = "".join(run.text for run in whole)
        self.letters = bool(whole) and all(run.letters for run in whole)
        self.said = (self._spelt(sayings) if self.letters else sayings.said_in(self.key)) if whole else []
        self.ways = [whole] if whole else []
        # What holds its own meaning would only widen what was typed; it waits until that finds nothing.
        self._also(saying.runs for saying in self.said if not all(word in self.key for word in saying.means))

    def _spelt(self, sayings: Sayings) -> list[Saying]:
        """Find what is spelt so, else what is left of an English sentence without its little words."""
        bare = "".join(run.text for run in self.runs if run.text not in _LITTLE)
        return sayings.spelt_in(self.key) or sayings.spelt_in(bare)

    def loosened(self) -> bool:
        """Drop what only says "I want to" and let its parts stand in any order; False when that changes nothing."""
        ways = len(self.ways)
        if self.letters or not self.ways or any(run.letters for run in self.runs):
            return False
        bare = self.key
        for filler in _fillers():
            bare = bare.replace(filler, "") or bare
        if bare != self.key:
            self._also([_words.runs_of(bare)])
        self._also(saying.runs for saying in self.said)
        self._also(_words.runs_of(f"{bare[:at]} {bare[at:]}") for at in _cuts(len(bare)))
        return len(self.ways) > ways

    def _also(self, ways: Iterable[tuple[_words.Run, ...]]) -> None:
        for runs in ways:
            if runs and runs not in self.ways and len(self.ways) < MOST_WAYS:
                self.ways.append(runs)

    @property
    def may_be_frequent(self) -> bool:
        """Say whether it is short enough to be in many names."""
        return len(self.key) <= (_HOT_LETTERS if self.letters else _HOT_CHARS)

    @property
    def front(self) -> tuple[str, str]:
        """Give the range of names that come first: those that begin so, or for one character only the very name."""
        return self.key, self.key + (_FIRST_CHARACTER if self.letters or len(self.key) < 2 else _LAST_CHARACTER)

    def fits(self) -> list[object]:
        """Give the patterns which a name must meet, as the statement takes them."""
        likes = [f"%{run.text}%" for run in self.runs if not run.letters]
        patterns: list[object] = [likes or None]
        letters = [run for run in self.runs if run.letters]
        for at in range(2):
            patterns += _spoken(letters[at]) if at < len(letters) else (None, None)
        also: list[object] = [[f"%{run.text}%" for run in runs] for runs in self.ways[1:]]
        return patterns + also + [None] * (MOST_WAYS - 1 - len(also))

    def question(self, narrowed: str) -> str:
        """Write all ways of saying it, narrowed by filters, as one tsquery."""
        words = " | ".join(f"({_words.question(runs)})" for runs in self.ways)
        return f"({words}) & {narrowed}" if narrowed else words

    def highlights(self, name: str, pinyin: str) -> list[list[int]]:
        """Say which parts of a name, kept with its pinyin, were asked for, in the first way of saying it that fits."""
        found = _words.name_kept(name, pinyin)
        for runs in self.ways:
            if pairs := _words.highlights(found, runs):
                return _words.in_utf16(name, pairs)
        return []


def _spoken(run: _words.Run) -> tuple[str | None, list[str]]:
    spoken = [f"% {' '.join(reading)}%" for reading in run.readings]
    return (f"%{run.text}%" if run.may_be_initials else None), spoken


def _cuts(size: int) -> list[int]:
    """Give the places to cut so many characters in two, those nearest the middle first."""
    if size < 3:
        return []
    return sorted(range(1, size), key=lambda at: (abs(2 * at - size), at))[: MOST_WAYS - 1]


@cache
def _fillers() -> tuple[str, ...]:
    return tuple(sorted(FILLERS.read_text("utf-8").split(), key=len, reverse=True))
