"""Finding an item while it is being typed: by name, part of a name, pinyin, initials or what people call it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from server import db
from server.features.catalogue.schemas import (
    HallPageOut,
    ItemCard,
    SearchQuery,
    Suggestion,
    SuggestOut,
    ThemeOut,
)
from server.features.catalogue.service import _ask, _halls, _hot, _index, _places
from server.kit import texts
from server.kit.paging import Page, after, cursor_of

if TYPE_CHECKING:
    from asyncpg import Record

THEMES = Path(__file__).resolve().parent.parent / "data" / "themes.json"
# How many are looked at: of the most used ones when the words are frequent, then of those the index gives.
_HOT = 1500
_FEW = 300
_MANY = 3000
_SUGGESTED = 8
_SUGGESTED_WORDS = 5
_SUGGESTED_HALLS = 3
_MOST_AT_HALL = 200

_CARD = (
    "i.id, i.code, i.name, i.department_id, d.name AS department, i.visits, i.promise_days, i.handling, i.online,"
    " i.bookable, i.tags, i.sample"
)
_FOUND = """
SELECT {wanted} FROM search_names($1, $2, $3::text::tsquery, $4::text::tsquery, $5, $6, $7, $8, $9, $10, $11, $12, $13,
    $14, $15, $16, $17, $18, $19, $20, $21) n
"""
_FIND = _FOUND.format(wanted=f"n.rank, n.low, n.pinyin, {_CARD}") + (
    "JOIN item i ON i.id = n.item_id JOIN department d ON d.id = i.department_id ORDER BY n.rank, n.low, n.item_id"
)
_COMPLETE = _FOUND.format(wanted="n.*")
_FRONT = """
SELECT f.rank, f.low, f.item_id, i.name, s.pinyin FROM search_front($1, $2) f JOIN item i ON i.id = f.item_id
JOIN search_index s ON s.item_id = f.item_id ORDER BY f.rank, f.low, f.item_id LIMIT $3
"""

_BROWSE = """
SELECT {card}, i.heat FROM item i JOIN department d ON d.id = i.department_id
WHERE i.active AND ($1::text IS NULL OR $1 = ANY(i.audience)) AND ($2::text IS NULL OR i.themes @> ARRAY[$2])
    AND ($3::uuid IS NULL OR i.department_id = $3)
    AND ($4::text IS NULL OR $4 = ANY(i.tags)) AND ($5::int IS NULL OR (-i.heat, i.id) > (-$5, $6::uuid))
ORDER BY i.heat DESC, i.id LIMIT $7
"""


_AT_HALL = """
SELECT {card} FROM item i JOIN department d ON d.id = i.department_id JOIN guide g ON g.id = i.guide_id
WHERE i.active AND g.content -> 'hall_keys' ? $1 ORDER BY i.heat DESC, i.id LIMIT $2
"""


class Theme(msgspec.Struct, frozen=True):
    """A shelf of the catalogue. `words` in an item's name put it there when nobody said."""

    key: str
    audience: str
    icon: str
    words: list[str]


async def search(query: SearchQuery) -> Page[ItemCard]:
    """Find items. Without words it lists them, the most used first. What finds nothing is remembered.

    Raises BadCursor.
    """
    if not query.q.strip():
        return await _browse(query)
    ask = _ask.Ask(query.q, await _index.sayings())
    page = await _page(ask, query) if ask.ways else Page[ItemCard](items=[])
    unfiltered = (query.audience, query.theme, query.department_id, query.tag, query.cursor) == (None,) * 5
    if not page.items and unfiltered:
        await _index.note_miss(query.q)
    return page


async def suggest(typed: str) -> SuggestOut:
    """Complete what is being typed: names that fit, halls called so, and words of the catalogue for what people say."""
    sayings = await _index.sayings()
    ask = _ask.Ask(typed, sayings)
    if not ask.ways:
        return SuggestOut(items=[], words=[], halls=[])
    found = await _completed(ask)
    said = [*ask.said, *(() if ask.letters else sayings.begun_by(ask.key))]
    words = dict.fromkeys("".join(saying.means) for saying in said if "".join(saying.means) not in ask.key)
    items = [
        Suggestion(id=known.item_id, name=known.name, highlights=ask.highlights(known.name, known.pinyin))
        for known in found
    ]
    halls = await _halls.called(ask.ways, _SUGGESTED_HALLS)
    return SuggestOut(items=items, words=list(words)[:_SUGGESTED_WORDS], halls=halls)


async def hall_page(hall_id: UUID) -> HallPageOut:
    """Show a hall with its windows and with what can be done there. Raises NotFound."""
    hall = await _places.hall(hall_id)
    rows = await db.fetch(_AT_HALL.format(card=_CARD), hall.key, _MOST_AT_HALL)
    windows = await _places.windows(hall_id)
    return HallPageOut(hall=hall, windows=windows, items=[_card(row, []) for row in rows])


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


async def _completed(ask: _ask.Ask) -> list[_hot.Known]:
    """Find names among the most used ones, with those that begin so before them; among all when those are too few."""
    popular = (await _hot.names()).find(ask.ways, _SUGGESTED)
    if len(popular) < _SUGGESTED:
        rows = await _found(_COMPLETE, ask, None, (None, None, None), _SUGGESTED, hot=0)
        return [_hot.Known(**row) for row in rows]
    if ask.letters or len(ask.key) < 2:
        return popular
    front = [_hot.Known(**row) for row in await db.fetch(_FRONT, *ask.front, _SUGGESTED)]
    first = {known.item_id for known in front}
    return [*front, *(known for known in popular if known.item_id not in first)][:_SUGGESTED]


async def _page(ask: _ask.Ask, query: SearchQuery) -> Page[ItemCard]:
    narrowed = _index.filters(
        [query.audience] if query.audience else [],
        [query.theme] if query.theme else [],
        query.department_id,
        [query.tag] if query.tag else [],
    )
    last = after(query.cursor, tuple[int, int, UUID]) or (None, None, None)
    rows = await _found(_FIND, ask, _narrowed(narrowed) or None, last, query.limit + 1)
    end = rows[query.limit - 1] if len(rows) > query.limit else None
    return Page(
        items=[_card(row, ask.highlights(row["name"], row["pinyin"])) for row in rows[: query.limit]],
        next=cursor_of(end["rank"], end["low"], end["id"]) if end else None,
    )


async def _found(
    sql: str,
    ask: _ask.Ask,
    narrowed: str | None,
    last: tuple[int | None, int | None, UUID | None],
    wanted: int,
    hot: int = _HOT,
) -> list[Record]:
    """Find what was typed; in any order and without its fillers where it is not found as it stands."""

    async def look() -> list[Record]:
        question = ask.question(narrowed or "")
        first = hot if ask.may_be_frequent else 0
        return await db.fetch(sql, *ask.front, narrowed, question, *ask.fits(), *last, wanted, first, _FEW, _MANY)

    rows = await look()
    return await look() if not rows and ask.loosened() else rows


async def _browse(query: SearchQuery) -> Page[ItemCard]:
    last = after(query.cursor, tuple[int, UUID]) or (None, None)
    rows = await db.fetch(
        _BROWSE.format(card=_CARD), query.audience, query.theme, query.department_id, query.tag, *last, query.limit + 1
    )
    end = rows[query.limit - 1] if len(rows) > query.limit else None
    return Page(
        items=[_card(row, []) for row in rows[: query.limit]],
        next=cursor_of(end["heat"], end["id"]) if end else None,
    )


def _narrowed(lexemes: list[str]) -> str:
    return " & ".join(f"'{lexeme}'" for lexeme in lexemes)


def _card(row: Record, highlights: list[list[int]]) -> ItemCard:
    return ItemCard(
        **{name: row[name] for name in ItemCard.__struct_fields__ if name != "highlights"}, highlights=highlights
    )
