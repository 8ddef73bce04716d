"""The way of a matter so far, by number and phone tail, among a million; beside one indexed row of bare Sanic.

Three pairs, in turn, and the one whose ratio is in the middle: neighbours in time are what can be compared.
"""

from __future__ import annotations

import itertools
import random
from datetime import timedelta
from uuid import UUID

import asyncpg

from server import db
from server.config import Settings
from server.features.thread.service._number import format_number, tail_index
from server.kit import clock
from server.kit.ids import new_id
from tests.bench.load import load, request
from tests.bench.registry import Figure, row
from tests.bench.stage import database, free_port, process
from tests.factories import catalogue

FEW = 1_000
MANY = 1_000_000
ASKED = 5_000
ROUNDS = 3
PHONE = "19900001234"
STEPS = ("booking.requested", "booking.confirmed", "booking.checked_in", "cases.submitted", "cases.accepted")

_THREADS = """
    INSERT INTO thread (id, created_at, updated_at, number, region_code, item_id, title, person_id, tail_index,
                        state, status)
    SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $2, $3::text[], $4::text[], $5::uuid[], $6::text[],
                         $7::uuid[], $8::bytea[], $9::text[], $10::text[])
"""
_STEPS = """
    INSERT INTO step (thread_id, at, name, actor_kind, data)
    SELECT thread.id, thread.created_at + step.number * interval '1 hour', step.name, 'system',
           jsonb_build_object('booking_id', thread.id)
    FROM thread CROSS JOIN unnest($1::text[]) WITH ORDINALITY AS step (name, number)
    WHERE thread.created_at >= $2
    ORDER BY step.number, thread.id
"""


@row("track")
async def run() -> Figure:
    """Answers per second with a million matters stored, and how much slower that is than with a thousand."""
    async with database() as settings:
        item = await catalogue.item()
        person = await _person()
        few = await _fill(FEW, item.id, person)
        at_few, _ = await _middle(settings, few)
        many = few + await _fill(MANY - FEW, item.id, person)
        at_many, limit = await _middle(settings, many)
    return Figure(
        ours=at_many,
        limit=limit,
        unit="answers/s",
        more={"matters": MANY, "at_1000": round(at_few, 1), "growth": round(at_few / at_many, 3)},
    )


async def _person() -> UUID:
    person = new_id()
    await db.execute(
        "INSERT INTO person (id, created_at, document_kind, document_sealed, document_index, name_sealed, name_index,"
        " verified_at) VALUES ($1, $2, 'passport', '', '', '', '', $2)",
        person,
        clock.now(),
    )
    return person


async def _fill(count: int, item: UUID, person: UUID) -> list[str]:
    """Store so many closed matters with five steps each, and give their numbers."""
    numbers: list[str] = []
    began = clock.now()
    async with db.tx() as connection:
        # Rows made here keep the rules; checking each of millions against its parent would only take time.
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("SET LOCAL statement_timeout = 0")
        first = await connection.fetchval("SELECT count(*) FROM thread")
        for start in range(first, first + count, 50_000):
            some = range(start, min(start + 50_000, first + count))
            made = [
                format_number(catalogue.COUNTY, clock.today() - timedelta(days=serial // 500_000), serial % 500_000)
                for serial in some
            ]
            numbers += made
            await connection.execute(
                _THREADS,
                [new_id() for _ in made],
                [clock.now() for _ in made],
                made,
                [catalogue.COUNTY] * len(made),
                [item] * len(made),
                ["居民身份证换领"] * len(made),
                [person] * len(made),
                [tail_index(number, PHONE) for number in made],
                ["closed"] * len(made),
                [STEPS[-1]] * len(made),
            )
        await connection.execute(_STEPS, list(STEPS), began, timeout=900)
    # As autovacuum would have done long before there are so many.
    patient = await asyncpg.connect(db.address())
    for table in ("thread", "step"):
        await patient.execute(f"VACUUM (ANALYZE) {table}")
    # What was just loaded is written out now and not while something is measured.
    await patient.execute("CHECKPOINT")
    await patient.close()
    return numbers


async def _middle(settings: Settings, numbers: list[str]) -> tuple[float, float]:
    """Give the answers per second of ours and of the limit."""
    told = {"ENV": "test", "VAR_DIR": str(settings.var_dir), "LOG_LEVEL": "ERROR", "DATABASE_URL": ""}
    asked = random.Random(7).choices(numbers, k=ASKED)
    asks, plain = itertools.cycle(map(_ask, asked, range(ASKED))), itertools.cycle(map(_plain, asked))
    port, bare = free_port(), free_port()
    ours = process(port, "server", "web", PORT=str(port), REAL_IP_HEADER="x-real-ip", **told)
    limit = process(bare, "tests.bench.bare", "row", str(bare), db.address(), "thread", "number", "text")
    async with ours, limit:
        await load(port, lambda: next(asks), seconds=1)
        await load(bare, lambda: next(plain), seconds=1)
        pairs = [
            ((await load(port, lambda: next(asks))).per_second, (await load(bare, lambda: next(plain))).per_second)
            for _ in range(ROUNDS)
        ]
    return sorted(pairs, key=lambda pair: pair[0] / pair[1])[ROUNDS // 2]


def _ask(number: str, place: int) -> bytes:
    # Many people ask, each from an address of their own: what is measured is not the rate limit.
    address = f"10.{place >> 16 & 255}.{place >> 8 & 255}.{place & 255}"
    path = f"/api/v1/track?number={number}&phone_tail={PHONE[-4:]}"
    return request("GET", path, headers={"x-real-ip": address})


def _plain(number: str) -> bytes:
    return request("GET", f"/?key={number}")
