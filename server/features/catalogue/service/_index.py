"""Keeps what search reads: one row an item, rewritten whenever the item changes; and the words people say instead."""

from __future__ import annotations

import csv
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.features.catalogue.service import _words
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

_FRESH_SECONDS = 1.0
SYNONYMS = Path(__file__).resolve().parent.parent / "data" / "synonyms.csv"
_LONGEST = 1000
_MISS_CHARS = 30
_MISS_DAYS = 90
_MOST_MISSES = 10_000
# Whoever types an identity or phone number into the search field must not find it kept.
_NUMBER = re.compile(r"\d{5}")

_said: tuple[float, list[tuple[str, str]]] = (0.0, [])

_INSERT = """
INSERT INTO search_index (id, created_at, item_id, standing, plain, initials, pinyin, words)
SELECT id, $1, item_id, standing, plain, initials, pinyin, array_to_tsvector(string_to_array(words, ' '))
FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[])
    AS fresh (id, item_id, standing, plain, initials, pinyin, words)
ON CONFLICT (item_id) DO UPDATE SET standing = excluded.standing, plain = excluded.plain,
    initials = excluded.initials, pinyin = excluded.pinyin, words = excluded.words
WHERE (search_index.standing, search_index.words) IS DISTINCT FROM (excluded.standing, excluded.words)
"""


async def refresh(item_ids: Sequence[UUID]) -> None:
    """Bring the search rows of some items up to date, in the transaction that changed them."""
    rows = await db.fetch(
        "SELECT id, name, heat, audience, themes, department_id, active FROM item WHERE id = ANY($1::uuid[])"
        " ORDER BY heat DESC, id",
        item_ids,
    )
    gone = [row["id"] for row in rows if not row["active"]]
    if gone:
        await db.execute("DELETE FROM search_index WHERE item_id = ANY($1::uuid[])", gone)
    kept = [(row, _words.name_of(row["name"])) for row in rows if row["active"]]
    await db.execute(
        _INSERT,
        clock.now(),
        [new_id() for _ in kept],
        [row["id"] for row, _ in kept],
        [_standing(row["heat"], name) for row, name in kept],
        [name.plain for _, name in kept],
        [name.initials for _, name in kept],
        [name.pinyin for _, name in kept],
        [
            " ".join(_words.lexemes(name) + filters(row["audience"], row["themes"], row["department_id"]))
            for row, name in kept
        ],
    )


def _standing(heat: int, name: _words.Name) -> int:
    """Rank the most used first, and of equally used ones the shortest name."""
    return heat * _LONGEST + _LONGEST - min(len(name.plain), _LONGEST)


def filters(audience: Sequence[str], themes: Sequence[str], department_id: UUID | None) -> list[str]:
    """Write what a list can be narrowed by as lexemes, so that one index answers for words and filters together."""
    found = [f"A{who}" for who in audience] + [f"T{theme}" for theme in themes]
    return [*found, f"D{department_id.hex}"] if department_id else found


async def reorder() -> None:
    """Lay the rows down by standing: a search that meets too many takes the first, which shall be the most used."""
    await db.execute("CLUSTER search_index USING search_index_standing_index")
    await db.execute("ANALYZE search_index")


async def synonyms() -> list[tuple[str, str]]:
    """List (what people say, what the catalogue says), the longest first; at most a second old."""
    global _said  # noqa: PLW0603 - every keystroke needs it, and it changes once a release
    if time.monotonic() - _said[0] > _FRESH_SECONDS:
        rows = await db.fetch("SELECT word, means FROM synonym ORDER BY length(word) DESC, word, means")
        _said = (time.monotonic(), [(row["word"], row["means"]) for row in rows])
    return _said[1]


@db.transactional
async def load_synonyms() -> int:
    """Bring in the synonyms the product ships with, and give how many were new."""
    with SYNONYMS.open(encoding="utf-8", newline="") as file:
        rows = [(_words.fold(row["word"])[0], _words.fold(row["means"])[0]) for row in csv.DictReader(file)]
    global _said  # noqa: PLW0603 - as above
    _said = (0.0, [])
    tag = await db.execute(
        "INSERT INTO synonym (id, created_at, word, means)"
        " SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING",
        [new_id() for _ in rows], [clock.now()] * len(rows), [word for word, _ in rows], [means for _, means in rows],
    )  # fmt: skip
    return int(tag.rsplit(" ", 1)[1])


async def note_miss(typed: str) -> None:
    """Remember that a search found nothing, unless it might be somebody's number: that is never kept."""
    text = " ".join(_words.fold(part)[0] for part in typed.split()).strip()[:_MISS_CHARS].strip()
    if len(text) < 2 or _NUMBER.search(text):
        return
    await db.execute(
        "INSERT INTO search_miss (id, created_at, query, last_at) VALUES ($1, $2, $3, $2)"
        " ON CONFLICT (query) DO UPDATE SET times = search_miss.times + 1, last_at = excluded.last_at",
        new_id(), clock.now(), text,
    )  # fmt: skip


async def misses(limit: int = 100) -> list[tuple[str, int]]:
    """List what was searched for in vain, the most frequent first."""
    rows = await db.fetch("SELECT query, times FROM search_miss ORDER BY times DESC, last_at DESC LIMIT $1", limit)
    return [(row["query"], row["times"]) for row in rows]


async def forget_misses() -> int:
    """Drop searches in vain that are old, and the rarest when there are too many."""
    tag = await db.execute(
        "DELETE FROM search_miss WHERE last_at < $1 OR id IN"
        " (SELECT id FROM search_miss ORDER BY times DESC, last_at DESC OFFSET $2)",
        clock.now() - timedelta(days=_MISS_DAYS), _MOST_MISSES,
    )  # fmt: skip
    return int(tag.rsplit(" ", 1)[1])
