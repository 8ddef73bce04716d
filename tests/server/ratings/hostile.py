"""Somebody with many real tokens, every other trick, and no right to be believed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import msgspec

from server import db
from server.actor import Anonymous, Citizen
from server.errors import AppError
from server.features.ratings import service as ratings
from server.features.ratings.models import Level
from server.features.ratings.schemas import RateIn
from server.features.ratings.service._guard import rules
from server.features.ratings.service._tokens import tags_known
from server.kit import clock
from server.kit.ids import new_id, token
from tests.fixtures_web import Client

ADDRESS = "203.0.113.9"

# Each in a thread of its own, as services are: a single one of thousands of steps would be read whole every time.
_SERVED = """
WITH asked AS (SELECT * FROM unnest($1::text[], $3::uuid[]) AS s (token, subject)),
    born AS (
        INSERT INTO thread (id, created_at, number, region_code, item_id, title, person_id, enterprise_id, account_id,
            tail_index, state, updated_at)
        SELECT asked.subject, $2, '9' || lpad((abs(hashtextextended(asked.token, 0)) % 10 ^ 18::numeric)::bigint::text,
            18, '0'), t.region_code, t.item_id, t.title, t.person_id, t.enterprise_id, t.account_id, t.tail_index,
            'closed', $2
        FROM asked, (SELECT * FROM thread ORDER BY created_at LIMIT 1) AS t RETURNING id, item_id
    )
INSERT INTO rating (id, created_at, thread_id, subject_kind, subject_id, department_id, item_id, token, state)
SELECT gen_random_uuid(), $2, born.id, 'visit', asked.subject, i.department_id, i.id, asked.token, 'open'
FROM asked JOIN born ON born.id = asked.subject JOIN item i ON i.id = born.item_id
"""
_CODE = """
INSERT INTO code (token, created_at, kind, subject_id)
SELECT token, created_at, 'rating', id FROM rating WHERE state = 'open' ON CONFLICT DO NOTHING
"""
_FROM_SOMEWHERE = "SELECT count(*) FROM rating WHERE level IS NOT NULL AND source IS NOT NULL"
_ROWS = """
SELECT r.level, r.source FROM rating r LEFT JOIN rating_burst b ON b.id = r.burst_id
WHERE r.state = 'given' AND (r.burst_id IS NULL OR b.counted) ORDER BY r.given_at, r.id
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
    await db.execute(_SERVED, tokens, clock.now(), [new_id() for _ in tokens])
    await db.execute(_CODE)
    return tokens


async def attack(tokens: list[str], tries: int, *, seed: int = 7, people: Sequence[Citizen] = ()) -> Attack:
    """Rate `tries` times from one address, logged in as some of `people` or not, each service soundly once at first.

    After that: real tokens again and again, forged ones, other levels, reasons of other levels and made-up ones, script
    and too much of it, others' secrets.
    """
    dice = random.Random(seed)
    crowd: list[Anonymous | Citizen] = [Anonymous(address=ADDRESS), *(replace(one, address=ADDRESS) for one in people)]
    taken = set()
    for at in range(tries):
        sound = at < len(tokens)
        level = dice.choice(list(Level))
        own = [tag.code for tag in tags_known().values() if tag.star == level.stars]
        wish = RateIn(
            token=tokens[at] if sound else dice.choice([*tokens, token(), "x" * 64]),
            level=level,
            tags=dice.sample(own if sound else [*tags_known(), "999"], dice.randint(0, 3)),
            words=dice.choice(("", "还行", "<script>x()</script>", "=cmd|' /C calc'!A0")),
            via=dice.choice(("web", "mobile", "code", "sms")),
            secret=dice.choice(("", token())),
        )
        try:
            given = await ratings.rate(dice.choice(crowd), wish)
        except AppError:
            continue
        taken.add(given.id)
    return Attack(len(tokens), tries, len(taken))


async def attack_over_http(client: Client, tokens: list[str]) -> None:
    """Send what no phone sends to services that are rated: each is refused in clear words, none breaks anything."""
    known = tokens[0]
    for body in (
        b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"token": 1}', b"9" * 5_000, b"[" * 5_000,
        *(
            msgspec.json.encode({"token": known, "level": "satisfied"} | wrong)
            for wrong in (
                {"level": 5}, {"level": "best"}, {"tags": ["110"] * 9}, {"tags": ["x" * 999]}, {"tags": "110"},
                {"words": "x" * 151}, {"words": "\x00"}, {"stars": 5}, {"account_id": str(new_id())}, {"secret": "1"},
                {"token": token()}, {"token": "x" * 65}, {"via": "phone"}, {"pictures": [str(new_id())]}, {},
            )
        ),
    ):  # fmt: skip
        answer = await client.post("/api/v1/ratings", data=body, headers={"content-type": "application/json"})
        assert answer.status in (400, 404, 409, 413, 422, 429), (answer.status, body[:80], answer.text)
        assert answer.json["code"], body[:80]


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
    assert (shown.number, shown.looked_into) == (len(rows), found.services)
    # How they were is told in whole batches, the earliest first.
    told = rows[: len(rows) - len(rows) % shown.fewest]
    assert (shown.told, shown.bad) == (len(told), sum(level.bad for level in told) if told else None)
    assert shown.average == (round(sum(level.stars for level in told) / len(told), 2) if told else None)
