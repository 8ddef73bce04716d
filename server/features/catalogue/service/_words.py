"""How a name becomes words that can be found, and how something typed becomes a question about them.

Every name is kept as lexemes of one leading letter each, so that PostgreSQL needs no extension for Chinese:
`u` one character, `b` two in a row, `i` `j` `k` one, two and three initials in a row, `y` a syllable's beginning
(two letters at least), `q` two syllables in a row. A question is an AND of lexemes; that they also stand in the right
order is checked afterwards, on the few rows found.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby, pairwise
from pathlib import Path

SYLLABLES = Path(__file__).resolve().parent.parent / "data" / "syllables.txt"
MOST_CHARS = 32
MOST_RUNS = 4
_READINGS = 3
_NEVER_FIRST = frozenset("iuv")


@dataclass(frozen=True, slots=True)
class Name:
    """A name made findable. `places[i]` is where the i-th kept character stands in the name as written."""

    plain: str
    syllables: tuple[str, ...]
    places: tuple[int, ...]

    @property
    def initials(self) -> str:
        """First letter of each syllable; one for every character of `plain`."""
        return "".join(syllable[0] for syllable in self.syllables)

    @property
    def pinyin(self) -> str:
        """All syllables, a space before and after each."""
        return f" {' '.join(self.syllables)} "


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch typed in one script: either characters, or letters with the ways they can be read as syllables."""

    text: str
    letters: bool
    readings: tuple[tuple[str, ...], ...] = ()

    @property
    def may_be_initials(self) -> bool:
        """No Chinese syllable begins with i, u or v, so whoever types one means whole syllables."""
        return self.letters and (not self.readings or not _NEVER_FIRST.intersection(self.text))


def fold(text: str) -> tuple[str, tuple[int, ...]]:
    """Bring a text to what is compared: half width, lower case, only letters and digits; and where each came from."""
    if text.isalnum() and text == text.lower() and unicodedata.is_normalized("NFKC", text):
        return text, tuple(range(len(text)))
    kept: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        for folded in unicodedata.normalize("NFKC", char).lower():
            if folded.isalnum():
                kept.append(folded)
                places.append(place)
    return "".join(kept), tuple(places)


@lru_cache(maxsize=4096)
def name_of(text: str) -> Name:
    """Make a name findable."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - 55 MB that only those who change the catalogue need

    plain, places = fold(text)
    # What has no pinyin comes back as a list too, one entry a character, so that all three parts stay aligned.
    syllables = tuple(lazy_pinyin(plain, errors=list, v_to_u=False))  # type: ignore[arg-type]
    return Name(plain, syllables, places)


@lru_cache(maxsize=8192)
def name_kept(text: str, pinyin: str) -> Name:
    """Give a name as it was made findable, from the pinyin kept with it."""
    plain, places = fold(text)
    return Name(plain, tuple(pinyin.split()), places)


def lexemes(name: Name) -> list[str]:
    """List what a name is found by."""
    plain, initials = name.plain, name.initials
    found = {f"u{char}" for char in plain}
    found |= {f"b{first}{second}" for first, second in pairwise(plain)}
    for size, mark in ((1, "i"), (2, "j"), (3, "k")):
        found |= {mark + initials[at : at + size] for at in range(len(initials) - size + 1)}
    for syllable in name.syllables:
        found |= {f"y{syllable[:size]}" for size in range(2, len(syllable) + 1)}
    found |= {f"q{first}-{second}" for first, second in pairwise(name.syllables)}
    return sorted(found)


def runs_of(text: str) -> tuple[Run, ...]:
    """Cut what was typed into runs of one script. Empty when nothing in it can be searched for."""
    runs: list[Run] = []
    left = MOST_CHARS
    for chunk in text.replace("'", "").split():
        plain, _ = fold(chunk)
        for letters, chars in groupby(plain, key=lambda char: char.isascii() and char.isalpha()):
            part = "".join(chars)[:left]
            left -= len(part)
            if part and len(runs) < MOST_RUNS:
                runs.append(Run(part, letters, _read(part) if letters else ()))
    return tuple(runs)


def question(runs: tuple[Run, ...]) -> str:
    """Write runs as a tsquery."""
    return " & ".join(_letters(run) if run.letters else _quoted(_grams(run.text)) for run in runs)


def highlights(name: Name, runs: tuple[Run, ...]) -> list[list[int]]:
    """Say which parts of a name were asked for: sorted [start, length] pairs in UTF-16 units, as JavaScript counts."""
    marked: set[int] = set()
    for run in runs:
        start, length = _found_at(name, run)
        marked.update(name.places[start : start + length])
    pairs: list[list[int]] = []
    for place in sorted(marked):
        if pairs and pairs[-1][0] + pairs[-1][1] == place:
            pairs[-1][1] += 1
        else:
            pairs.append([place, 1])
    return pairs


def in_utf16(text: str, pairs: list[list[int]]) -> list[list[int]]:
    """Turn pairs counted in characters into pairs counted in UTF-16 units; they differ only for rare characters."""
    if not text or max(text) <= "\uffff":
        return pairs

    def units(part: str) -> int:
        return len(part.encode("utf-16-le")) // 2

    return [[units(text[:start]), units(text[start : start + length])] for start, length in pairs]


def _found_at(name: Name, run: Run) -> tuple[int, int]:
    at = name.plain.find(run.text)
    if at < 0 and run.letters:
        for reading in run.readings:
            beginning = name.pinyin.find(" " + " ".join(reading))
            if beginning >= 0:
                return name.pinyin.count(" ", 0, beginning), len(reading)
        at = name.initials.find(run.text)
    return (at, len(run.text)) if at >= 0 else (0, 0)


def _letters(run: Run) -> str:
    ways = [_quoted(_initial_grams(run.text))] if run.may_be_initials else []
    for reading in run.readings:
        if len(reading) == 1:
            ways.append(_quoted([f"y{reading[0]}"]))
        else:
            pairs = [f"q{first}-{second}" for first, second in pairwise(reading)]
            ways.append(_quoted(pairs) + ":*")  # the last syllable may still be being typed
    return f"({' | '.join(f'({way})' for way in ways)})"


def _grams(text: str) -> list[str]:
    return [f"u{text}"] if len(text) == 1 else [f"b{first}{second}" for first, second in pairwise(text)]


def _initial_grams(text: str) -> list[str]:
    if len(text) < 3:
        return [("i" if len(text) == 1 else "j") + text]
    return [f"k{text[at : at + 3]}" for at in range(len(text) - 2)]


def _quoted(words: list[str]) -> str:
    # Folded words hold letters and digits only, so a quote cannot occur in them.
    return " & ".join(f"'{word}'" for word in words)


@cache
def _syllables() -> tuple[frozenset[str], frozenset[str]]:
    whole = frozenset(SYLLABLES.read_text("ascii").split())
    return whole, frozenset(syllable[:size] for syllable in whole for size in range(1, len(syllable) + 1))


@lru_cache(maxsize=4096)
def _read(letters: str) -> tuple[tuple[str, ...], ...]:
    """Find the ways letters can be syllables, the last one perhaps unfinished; the fewest syllables first."""
    if len(letters) < 2:
        return ()
    whole, begun = _syllables()
    readings: list[tuple[str, ...]] = []
    ways: list[tuple[int, tuple[str, ...]]] = [(0, ())]
    while ways and len(readings) < _READINGS:
        at, syllables = ways.pop(0)
        if readings and len(syllables) > len(readings[0]):
            break
        if letters[at:] in begun:
            readings.append((*syllables, letters[at:]))
        ways += [(at + size, (*syllables, letters[at : at + size]))
                 for size in range(6, 0, -1)
                 if at + size < len(letters) and letters[at : at + size] in whole]  # fmt: skip
        del ways[64:]
    return tuple(readings)
