"""Finding an item while it is being typed: by name, part of a name, pinyin, initials or what people call it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from server import db
from server.features.catalogue.schemas import (
    ItemCard,
    SearchQuery,
    Suggestion,
    SuggestOut,
    ThemeOut,
)
from server.features.catalogue.service import _index, _words
from server.kit import texts
from server.kit.paging import Page, after, cursor_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncpg import Record

THEMES = Path(__file__).resolve().parent.parent / "data" / "themes.json"
# Frequent words fill a page from the most used items alone, read in order and only as far as needed. Rare ones do not,
# but have few rows in the index; there few are looked at first, and more when they do not fill the page.
_HOT = 1500
_HOT_CHARS = 4
_HOT_LETTERS = 9
_FEW = 300
_MANY = 3000
_FRONT = 100
_LAST_CHARACTER = "\U0010ffff"
_FIRST_CHARACTER = "0"  # of those names are folded to: nothing a name can go on with lies before it
_MOST_VARIANTS = 3
_SUGGESTED = 8
_SUGGESTED_WORDS = 5

_CARD = (
    "i.id, i.code, i.name, i.department_id, d.name AS department, i.visits, i.promise_days, i.handling, i.online,"
    " i.bookable, i.tags, i.sample"
)
_NARROWED = "($3::text IS NULL OR words @@ $3::text::tsquery)"
_HOT_CANDIDATES = (
    "candidate AS (SELECT standing, item_id, plain, initials, pinyin, words FROM search_index"
    " ORDER BY standing DESC, item_id LIMIT $8::int)"
)
_FOUND_CANDIDATES = (
    "candidate AS MATERIALIZED (SELECT standing, item_id, plain, initials, pinyin"
    " FROM search_candidates($9::text::tsquery, $8::int))"
)

# 0 the very name, 1 it begins so, 2 it holds the words somewhere. The first two have an arm of their own: a popular
# word must not crowd out the very name. Within a rank the most used come first whatever the candidates, so a page
# that was looked for among few goes on among many.
_FIND = """
WITH front AS MATERIALIZED (
    SELECT CASE WHEN plain = $1 THEN 0 ELSE 1 END AS rank, -standing AS low, item_id FROM search_index
    WHERE plain ~>=~ $1 AND plain ~<~ $2 AND {narrowed} LIMIT {front}
), {candidates}, rest AS (
    SELECT 2 AS rank, -standing AS low, item_id FROM candidate
    WHERE ({check}) AND item_id NOT IN (SELECT item_id FROM front)
        AND ($4::int IS NULL OR $4 < 2 OR (-standing, item_id) > ($5, $6))
    ORDER BY standing DESC, item_id LIMIT $7
), page AS (
    SELECT * FROM (SELECT * FROM front UNION ALL SELECT * FROM rest) AS either
    WHERE $4::int IS NULL OR (rank, low, item_id) > ($4, $5::bigint, $6::uuid) ORDER BY rank, low, item_id LIMIT $7
)
SELECT p.rank, p.low, {met} AS met, s.pinyin, {card} FROM page p JOIN item i ON i.id = p.item_id
JOIN search_index s ON s.item_id = p.item_id JOIN department d ON d.id = i.department_id
ORDER BY p.rank, p.low, p.item_id
"""

_BROWSE = """
SELECT {card}, i.heat FROM item i JOIN department d ON d.id = i.department_id
WHERE i.active AND ($1::text IS NULL OR $1 = ANY(i.audience)) AND ($2::text IS NULL OR i.themes @> ARRAY[$2])
    AND ($3::uuid IS NULL OR i.department_id = $3)
    AND ($4::int IS NULL OR (-i.heat, i.id) > (-$4, $5::uuid))
ORDER BY i.heat DESC, i.id LIMIT $6
"""


class Theme(msgspec.Struct, frozen=True):
    """A shelf of the catalogue. `words` in an item's name put it there when nobody said."""

    key: str
    audience: str
    icon: str
    words: list[str]


class Ask:
    """Something typed, understood: the runs of each way of saying it, and the statement that finds them."""

    def __init__(self, typed: str, said_otherwise: list[tuple[str, str]]) -> None:
        self.variants = [runs for text in _variants(typed, said_otherwise) if (runs := _words.runs_of(text))]
        whole = self.variants[0] if self.variants else ()
        self.key = "".join(run.text for run in whole)
        self.letters = bool(whole) and all(run.letters for run in whole)

    @property
    def may_be_frequent(self) -> bool:
        """Say whether it is short enough to be in many names."""
        return len(self.key) <= (_HOT_LETTERS if self.letters else _HOT_CHARS)

    @property
    def front(self) -> tuple[str, str]:
        """Give the range of names that come first: those that begin so, or for one character only the very name."""
        return self.key, self.key + (_FIRST_CHARACTER if self.letters or len(self.key) < 2 else _LAST_CHARACTER)

    def statement(self, first_free: int) -> tuple[str, list[object]]:
        """Give the condition every row must meet, with its parameters numbered from `first_free`."""
        values: list[object] = []

        def value(given: object) -> str:
            values.append(given)
            return f"${first_free + len(values) - 1}"

        ways = [" AND ".join(_check(run, value) for run in runs) for runs in self.variants]
        return " OR ".join(f"({way})" for way in ways), values

    def question(self, narrowed_by: list[str]) -> str:
        """Write all ways of saying it, narrowed by filters, as one tsquery."""
        words = " | ".join(f"({_words.question(runs)})" for runs in self.variants)
        return " & ".join([f"({words})", _narrowed(narrowed_by)]) if narrowed_by else words

    def highlights(self, name: str, pinyin: str) -> list[list[int]]:
        """Say which parts of a name, kept with its pinyin, were asked for, in the first way of saying it that fits."""
        found = _words.name_kept(name, pinyin)
        for runs in self.variants:
            if pairs := _words.highlights(found, runs):
                return _words.in_utf16(name, pairs)
        return []


async def search(query: SearchQuery) -> Page[ItemCard]:
    """Find items. Without words it lists them, the most used first. What finds nothing is remembered.

    Raises BadCursor.
    """
    if not query.q.strip():
        return await _browse(query)
    ask = Ask(query.q, await _index.synonyms())
    page = await _find(ask, query) if ask.variants else Page[ItemCard](items=[])
    unfiltered = (query.audience, query.theme, query.department_id, query.cursor) == (None, None, None, None)
    if not page.items and unfiltered:
        await _index.note_miss(query.q)
    return page


async def suggest(typed: str) -> SuggestOut:
    """Complete what is being typed: names that fit, and words of the catalogue for what people call things."""
    said = await _index.synonyms()
    ask = Ask(typed, said)
    if not ask.variants:
        return SuggestOut(items=[], words=[])
    page = await _find(ask, SearchQuery(q=typed, limit=_SUGGESTED))
    words = dict.fromkeys(means for word, means in said if word.startswith(ask.key) or word in ask.key)
    items = [Suggestion(id=card.id, name=card.name, highlights=card.highlights) for card in page.items]
    return SuggestOut(items=items, words=list(words)[:_SUGGESTED_WORDS])


async def themes(locale: str) -> list[ThemeOut]:
    """List the shelves of the catalogue with how many items stand on each."""
    rows = await db.fetch(
        "SELECT theme, count(*) AS number FROM item, unnest(themes) AS theme WHERE active GROUP BY theme"
    )
    counts = {row["theme"]: row["number"] for row in rows}
    return [
        ThemeOut(
            key=theme.key,
            name=texts.text(locale, f"catalogue.theme.{theme.key}"),
            audience="person" if theme.audience == "person" else "enterprise",
            icon=theme.icon,
            count=counts.get(theme.key, 0),
        )
        for theme in shelves()
    ]


@cache
def shelves() -> tuple[Theme, ...]:
    """List the themes there are."""
    return msgspec.json.decode(THEMES.read_bytes(), type=tuple[Theme, ...])


async def _find(ask: Ask, query: SearchQuery) -> Page[ItemCard]:
    narrowed = _index.filters(
        [query.audience] if query.audience else [], [query.theme] if query.theme else [], query.department_id
    )
    last = after(query.cursor, tuple[int, int, UUID]) or (None, None, None)
    asked = (*ask.front, _narrowed(narrowed) or None, *last, query.limit + 1)
    rows: list[Record] = []
    if ask.may_be_frequent:
        check, values = ask.statement(first_free=9)
        rows = await db.fetch(_among_hot(check), *asked, _HOT, *values)
    check, values = ask.statement(first_free=10)
    for most in (_FEW, _MANY):
        if len(rows) > query.limit:
            break
        rows = await db.fetch(_among_found(check), *asked, most, ask.question(narrowed), *values)
        if rows and rows[0]["met"] < most:
            break
    end = rows[query.limit - 1] if len(rows) > query.limit else None
    return Page(
        items=[_card(row, ask.highlights(row["name"], row["pinyin"])) for row in rows[: query.limit]],
        next=cursor_of(end["rank"], end["low"], end["id"]) if end else None,
    )


def _among_hot(check: str) -> str:
    return _FIND.format(
        candidates=_HOT_CANDIDATES, met="0", check=f"({check}) AND {_NARROWED}", narrowed=_NARROWED, front=_FRONT,
        card=_CARD,
    )  # fmt: skip


def _among_found(check: str) -> str:
    return _FIND.format(
        candidates=_FOUND_CANDIDATES, met="(SELECT count(*) FROM candidate)", check=check, narrowed=_NARROWED,
        front=_FRONT, card=_CARD,
    )  # fmt: skip


async def _browse(query: SearchQuery) -> Page[ItemCard]:
    last = after(query.cursor, tuple[int, UUID]) or (None, None)
    rows = await db.fetch(
        _BROWSE.format(card=_CARD), query.audience, query.theme, query.department_id, *last, query.limit + 1
    )
    end = rows[query.limit - 1] if len(rows) > query.limit else None
    return Page(
        items=[_card(row, []) for row in rows[: query.limit]],
        next=cursor_of(end["heat"], end["id"]) if end else None,
    )


def _variants(typed: str, said_otherwise: list[tuple[str, str]]) -> list[str]:
    plain = _words.fold(typed)[0]
    ways = [typed]
    for word, means in said_otherwise:
        if word in plain and means not in plain and len(ways) < _MOST_VARIANTS:
            ways.append(means)  # alone: what stands around it is "I want to" and "where do I"
    return ways


def _check(run: _words.Run, value: Callable[[object], str]) -> str:
    if not run.letters:
        return f"plain LIKE {value(f'%{run.text}%')}"
    ways = [f"initials LIKE {value(f'%{run.text}%')}"] if run.may_be_initials else []
    if run.readings:
        spoken = [f"% {' '.join(reading)}%" for reading in run.readings]
        ways.append(f"pinyin LIKE ANY({value(spoken)}::text[])")
    return f"({' OR '.join(ways)})"


def _narrowed(lexemes: list[str]) -> str:
    return " & ".join(f"'{lexeme}'" for lexeme in lexemes)


def _card(row: Record, highlights: list[list[int]]) -> ItemCard:
    return ItemCard(
        **{name: row[name] for name in ItemCard.__struct_fields__ if name != "highlights"}, highlights=highlights
    )
