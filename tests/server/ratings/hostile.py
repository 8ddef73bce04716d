"""Somebody with many real tokens, every other trick, and no right to be believed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from uuid import UUID

from server import db
from server.actor import Anonymous
from server.errors import AppError
from server.features.ratings import service as ratings
from server.features.ratings.models import Level
from server.features.ratings.schemas import RateIn
from server.features.ratings.service._guard import rules
from server.kit import clock
from server.kit.ids import new_id, token

_THREAD = """
INSERT INTO rating (id, created_at, thread_id, subject_kind, subject_id, department_id, item_id, token, state)
SELECT gen_random_uuid(), $2, t.id, 'visit', s.subject, i.department_id, t.item_id, s.token, 'open'
FROM unnest($1::text[], $3::uuid[]) AS s (token, subject),
    (SELECT * FROM thread LIMIT 1) t JOIN item i ON i.id = t.item_id
"""
_CODE = """
INSERT INTO code (token, created_at, kind, subject_id)
SELECT token, created_at, 'rating', id FROM rating WHERE state = 'open' ON CONFLICT DO NOTHING
"""
_FROM_SOMEWHERE = "SELECT count(*) FROM rating WHERE level IS NOT NULL AND source IS NOT NULL"
_ROWS = """
SELECT r.level, r.source FROM rating r LEFT JOIN rating_burst b ON b.id = r.burst_id
WHERE r.state = 'given' AND (r.burst_id IS NULL OR b.counted)
"""


@dataclass(frozen=True, slots=True)
class Attack:
    """What came of it."""

    services: int
    tried: int
    taken: int


async def services(number: int) -> list[str]:
    """Finish so many services of an item that is there; gives the tokens of their ratings."""
    tokens = [token() for _ in range(number)]
    await db.execute(_THREAD, tokens, clock.now(), [new_id() for _ in tokens])
    await db.execute(_CODE)
    return tokens


async def attack(tokens: list[str], tries: int, *, seed: int = 7) -> Attack:
    """Rate `tries` times from one address: real tokens again and again, forged ones, other levels, foreign tags."""
    dice = random.Random(seed)
    taken = set()
    for at in range(tries):
        chosen = tokens[at] if at < len(tokens) else dice.choice([*tokens, token(), "x" * 64])
        level = dice.choice(list(Level))
        try:
            given = await ratings.rate(Anonymous(address="203.0.113.9"), RateIn(token=chosen, level=level, via="code"))
        except AppError:
            continue
        taken.add(given.id)
    return Attack(len(tokens), tries, len(taken))


async def stands(found: Attack, item_id: UUID) -> None:
    """At most one a service; the burst is left out whole; what is shown is what the rows say."""
    assert found.taken == found.services
    assert await db.fetchval(_FROM_SOMEWHERE) == found.services
    assert await db.fetchval("SELECT count(DISTINCT (subject_kind, subject_id)) = count(*) FROM rating")
    assert found.services > rules().per_source
    assert await db.fetchval("SELECT count(*) FROM rating WHERE source IS NOT NULL AND burst_id IS NULL") == 0
    assert await db.fetchval("SELECT count(*) FROM rating_burst WHERE looked_at IS NULL") == 1
    rows = [Level(row["level"]) for row in await db.fetch(_ROWS)]
    shown = await ratings.figures(item_id)
    assert (shown.number, shown.bad) == (len(rows), sum(level.bad for level in rows))
    assert shown.average == (round(sum(level.stars for level in rows) / len(rows), 2) if rows else None)
    assert shown.looked_into == found.services
