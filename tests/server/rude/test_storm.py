"""Phones that hang up in the middle of real deeds: nobody else notices, and nothing is half done."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from random import Random
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from server import db
from server.kit.ids import token
from server.web import metrics
from server.web.routing import Operation
from tests.factories.booking import key
from tests.fixtures_web import Client, Serving
from tests.server.rude.asks import Ask, ask
from tests.server.rude.world import World

ABORTS = 300
AT_ONCE = 16
# Asked from a connection of its own: a pooled one would only see itself at work.
_STATES = (
    "SELECT state FROM pg_stat_activity WHERE application_name = 'onetrip' AND datname = current_database()"
    " AND (state <> 'idle' OR backend_xmin IS NOT NULL)"
)
_HALF_DONE = """
    SELECT (SELECT count(*) FROM booking WHERE id NOT IN
        (SELECT (data->>'booking_id')::uuid FROM step WHERE data ? 'booking_id'))
    + (SELECT count(*) FROM case_record WHERE id NOT IN
        (SELECT (data->>'case_id')::uuid FROM step WHERE data ? 'case_id'))
    + (SELECT count(*) FROM slot s WHERE taken <> (SELECT count(*) FROM booking b WHERE b.slot_id = s.id
        AND b.state IN ('held', 'requested', 'confirmed', 'checked_in', 'served')))
    + (SELECT count(*) FROM idempotency_key WHERE status IS NULL OR reply_sealed IS NULL)
"""
_TRIED = (
    "booking.book",
    "booking.cancel",
    "booking.reschedule",
    "cases.start",
    "cases.save_draft",
    "cases.submit",
    "documents.store",
    "identity.prefer",
    "identity.me",
    "phone_home.home",
    "phone_thread.screen",
    "catalogue.search",
)


def raw(asked: Ask, bearer: str) -> bytes:
    """Write the request as bytes."""
    body = asked.upload if asked.upload is not None else b"" if asked.json is None else json.dumps(asked.json).encode()
    kind = "image/jpeg" if asked.upload is not None else "application/json"
    head = {"host": "storm", "authorization": f"Bearer {bearer}", "content-type": kind, **asked.headers}
    lines = [f"{asked.method} {asked.path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body


async def hang_up(port: int, request: bytes, after: float) -> None:
    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    await writer.drain()
    await asyncio.sleep(after)
    writer.transport.abort()


def requests(register: list[Operation], world: World, slots: list[str]) -> Iterator[bytes]:
    """Give real deeds without end, each with a key of its own."""
    chance = Random(20261120)
    tried = [operation for operation in register if operation.name in _TRIED]
    assert len(tried) == len(_TRIED)
    while True:
        for operation in tried:
            given = {**world.given, "slot_id": chance.choice(slots)}
            owner = chance.choice([world.a, world.b])
            ids = {name: value for name, value in owner.ids.items() if name not in {"for_person_id", "enterprise_id"}}
            asked = ask(operation, {**ids, "for_person_id": None, "enterprise_id": None}, given)
            yield raw(asked, owner.citizen.token)


async def _pace(stranger: Client, world: World) -> float:
    """Measure how long one deed takes here and now, so that hang-ups fall into the middle of deeds."""
    began = time.monotonic()
    wish = {"locale": "zh-CN"}
    me = stranger.as_(world.a.citizen.token)
    assert (await me.put("/api/v1/me/preferences", json=wish, headers=key())).status == 200
    return time.monotonic() - began


async def _failures() -> list[str]:
    return [line for line in (await metrics.exposition()).splitlines() if 'status="5' in line]


async def test_300_hang_ups_cost_nobody_anything(
    register: list[Operation], world: World, rude_serving: Serving, stranger: Client
) -> None:
    port = urlsplit(rude_serving.base).port or 0
    chance = Random(7)
    free = await db.fetch("SELECT id FROM slot WHERE taken < capacity ORDER BY id LIMIT 40")
    coming = requests(register, world, [str(row["id"]) for row in free])
    left = iter(range(ABORTS))
    pace = await _pace(stranger, world)
    failed = await _failures()

    async def one() -> None:
        for _ in left:
            await hang_up(port, next(coming), chance.uniform(0.0005, AT_ONCE * pace))

    await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    async with asyncio.timeout(30):
        while db.pool().get_idle_size() != db.pool().get_size():  # noqa: ASYNC110 - the last rollbacks
            await asyncio.sleep(0.01)
    assert (await stranger.as_(world.a.citizen.token).get("/api/v1/home")).status == 200
    assert await _failures() == failed, "a client that hangs up is no failure of ours"
    other = await asyncpg.connect(db.address())
    states = [row["state"] for row in await other.fetch(_STATES)]
    await other.close()
    assert states == [], "a connection lies in the pool with something unfinished"
    assert await db.fetchval(_HALF_DONE) == 0
    # Something came through in between, or the aborts were too early to mean anything.
    assert await db.fetchval("SELECT count(*) FROM idempotency_key") > 1


async def test_a_statement_cut_in_two_is_ended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """asyncpg prepares first and runs then; its stock reset would hide what a cancellation in between leaves behind."""
    prepare = asyncpg.Connection._get_statement
    cut = [True]

    async def cut_once(connection: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - asyncpg's own
        prepared = await prepare(connection, *args, **kwargs)
        if cut and "cut in two" in args[0]:
            cut.clear()
            raise asyncio.CancelledError
        return prepared

    monkeypatch.setattr(asyncpg.Connection, "_get_statement", cut_once)
    with pytest.raises(asyncio.CancelledError):
        await db.fetchval(f"SELECT 'cut in two {token()}'")
    assert not cut
    other = await asyncpg.connect(db.address())
    left = await other.fetch("SELECT query, state FROM pg_stat_activity WHERE query LIKE 'SELECT ''cut in two%'")
    await other.close()
    assert left == []
