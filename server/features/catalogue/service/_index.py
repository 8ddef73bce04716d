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
from server.features.catalogue.service import _ask, _hot, _words
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

_FRESH_SECONDS = 1.0
SYNONYMS = Path(__file__).resolve().parent.parent / "data" / "synonyms.csv"
_LONGEST = 1000
# Lists are narrowed by these only.
_KEPT_TAGS = {"theme"}
_MISS_CHARS = 30
_MISS_DAYS = 90
_SINGLE_MISS_DAYS = 7  # asked for once it says little about the catalogue, and may say something about a person
_MOST_MISSES = 10_000
# Whoever types an identity or phone number into the search field must not find it kept.
_NUMBER = re.compile(r"\d{5}")

_said: tuple[float, list[tuple[str, str, str]], _ask.Sayings] = (0.0, [], _ask.Sayings())

_INSERT = """
INSERT INTO search_index (id, created_at, item_id, standing, plain, initials, pinyin, words)
SELECT id, $1, item_id, standing, plain, initials, pinyin, array_to_tsvector(string_to_array(words, ' '))
FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[])
    AS fresh (id, item_id, standing, plain, initials, pinyin, words)
ON CONFLICT (item_id) DO UPDATE SET standing = excluded.standing, plain = excluded.plain,
    initials = excluded.initials, pinyin = excluded.pinyin, words = excluded.words
WHERE (search_index.standing, search_index.words) IS DISTINCT FROM (excluded.standing, excluded.words)
"""


@db.transactional
async def refresh(item_ids: Sequence[UUID]) -> None:
    """Bring the search rows of some items up to date, in the transaction that changed them."""
    rows = await db.fetch(
        "SELECT id, name, heat, audience, themes, tags, department_id, active FROM item WHERE id = ANY($1::uuid[])"
        " ORDER BY heat DESC, id",
        item_ids,
    )
    db.after_commit(_hot.forget)
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
            " ".join(_words.lexemes(name) + filters(row["audience"], row["themes"], row["department_id"], row["tags"]))
            for row, name in kept
        ],
    )


def _standing(heat: int, name: _words.Name) -> int:
    """Rank the most used first, and of equally used ones the shortest name."""
    return heat * _LONGEST + _LONGEST - min(len(name.plain), _LONGEST)


def filters(
    audience: Sequence[str], themes: Sequence[str], department_id: UUID | None, tags: Sequence[str] = ()
) -> list[str]:
    """Write what a list can be narrowed by as lexemes, so that one index answers for words and filters together."""
    found = (
        [f"A{who}" for who in audience]
        + [f"T{theme}" for theme in themes]
        + [f"M{tag}" for tag in _KEPT_TAGS & {*tags}]
    )
    return [*found, f"D{department_id.hex}"] if department_id else found


async def reorder() -> None:
    """Lay the rows down by standing: a search that meets too many takes the first, which shall be the most used."""
    async with db.tx():
        # Nobody waits for it, and a large county on a busy night takes its time.
        await db.execute("SET LOCAL statement_timeout = '5min'")
        await db.execute("CLUSTER search_index USING search_index_standing_index")
    # Rows laid down anew are read from the indexes alone only after this.
    await db.execute("VACUUM ANALYZE search_index")


async def sayings() -> _ask.Sayings:
    """Give what people say instead, at most a second old."""
    global _said  # noqa: PLW0603 - every keystroke needs it, and it changes once a release
    read_at, rows, arranged = _said
    if time.monotonic() - read_at > _FRESH_SECONDS:
        found = await db.fetch("SELECT word, means, pinyin FROM synonym ORDER BY word, means")
        fresh = [(row["word"], row["means"], row["pinyin"]) for row in found]
        _said = (time.monotonic(), fresh, arranged if fresh == rows else _ask.Sayings.of(fresh))
    return _said[2]


@db.transactional
async def load_synonyms() -> int:
    """Keep exactly the synonyms the product ships with, and give how many were new."""
    with SYNONYMS.open(encoding="utf-8", newline="") as file:
        rows = [(_folded(row["word"]), _folded(row["means"])) for row in csv.DictReader(file)]
    words, means = [word for word, _ in rows], [meant for _, meant in rows]
    global _said  # noqa: PLW0603 - as above
    _said = (0.0, [], _ask.Sayings())
    await db.execute(
        "DELETE FROM synonym WHERE NOT EXISTS"
        " (SELECT FROM unnest($1::text[], $2::text[]) AS kept (word, means)"
        " WHERE kept.word = synonym.word AND kept.means = synonym.means)",
        words, means,
    )  # fmt: skip
    tag = await db.execute(
        "INSERT INTO synonym (id, created_at, word, means, pinyin)"
        " SELECT id, $2, word, means, pinyin FROM unnest($1::uuid[], $3::text[], $4::text[], $5::text[])"
        " AS fresh (id, word, means, pinyin) ON CONFLICT DO NOTHING",
        [new_id() for _ in rows], clock.now(), words, means, [_spelt(word) for word in words],
    )  # fmt: skip
    return int(tag.rsplit(" ", 1)[1])


def _folded(words: str) -> str:
    return " ".join(_words.fold(word)[0] for word in words.split())


def _spelt(words: str) -> str:
    """Spell words out, each of them as one."""
    return " ".join("".join(_words.name_of(word).syllables) for word in words.split())


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
    """Drop searches in vain that are old or were not repeated, and the rarest when there are too many."""
    tag = await db.execute(
        "DELETE FROM search_miss WHERE last_at < $1 OR (times = 1 AND last_at < $2) OR id IN"
        " (SELECT id FROM search_miss ORDER BY times DESC, last_at DESC OFFSET $3)",
        clock.now() - timedelta(days=_MISS_DAYS), clock.now() - timedelta(days=_SINGLE_MISS_DAYS), _MOST_MISSES,
    )  # fmt: skip
    return int(tag.rsplit(" ", 1)[1])
