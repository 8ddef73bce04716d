"""A connection goes back to the pool at once, and whatever was left on it is mended first."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from server import db
from server.db import engine

pytestmark = pytest.mark.usefixtures("database")


async def _cut(connection: asyncpg.Connection) -> None:
    task = asyncio.create_task(connection.fetchval("SELECT pg_sleep(5)"))
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_one_that_is_at_rest_is_back_before_anything_else_runs() -> None:
    pool = db.pool()
    connection = await engine.acquire(pool)
    idle = pool.get_idle_size()
    assert await connection.fetchval("SELECT 1") == 1
    giving = engine.release(pool, connection)
    with pytest.raises(StopIteration):
        giving.send(None)  # it waits for nothing
    assert pool.get_idle_size() == idle + 1
    with pytest.raises(asyncpg.InterfaceError, match="released back to the pool"):
        await connection.fetchval("SELECT 1")


async def test_an_open_transaction_is_rolled_back() -> None:
    pool = db.pool()
    connection = await engine.acquire(pool)
    process = await connection.fetchval("SELECT pg_backend_pid()")
    await connection.execute("BEGIN; CREATE TABLE left_open (id int)")
    # asyncpg tells the loop's handler of what was left open; here it was left on purpose.
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    try:
        await engine.release(pool, connection)
    finally:
        asyncio.get_running_loop().set_exception_handler(None)
    again = await engine.acquire(pool)
    try:
        assert await again.fetchval("SELECT pg_backend_pid()") == process
        assert await again.fetchval("SELECT to_regclass('left_open')") is None
        assert not again.is_in_transaction()
    finally:
        await engine.release(pool, again)


async def test_one_that_was_cut_short_works_for_the_next() -> None:
    pool = db.pool()
    connection = await engine.acquire(pool)
    await _cut(connection)
    await engine.release(pool, connection)  # nobody said what had happened
    assert await asyncio.gather(*(db.fetchval("SELECT $1::int", number) for number in range(20))) == list(range(20))


async def test_one_that_died_is_made_again() -> None:
    pool = db.pool()
    connection = await engine.acquire(pool)
    connection._con.terminate()
    await asyncio.sleep(0)
    await engine.release(pool, connection)
    assert await db.fetchval("SELECT 1") == 1
    assert pool.get_idle_size() == pool.get_size()


async def test_who_waits_comes_before_who_asks_again() -> None:
    pool = db.pool()
    held = [await engine.acquire(pool) for _ in range(pool.get_max_size() - 1)]
    asked = 0

    async def ask_again_and_again() -> None:
        nonlocal asked
        for asked in range(1, 51):  # noqa: B007 - how far it came is what is looked at
            await db.fetchval("SELECT 1")

    greedy = asyncio.create_task(ask_again_and_again())
    try:
        await asyncio.sleep(0)  # it has the last connection
        assert await db.fetchval("SELECT 2") == 2
        assert asked < 5
    finally:
        await greedy
        for connection in held:
            await engine.release(pool, connection)


async def test_the_last_place_in_a_crowd_is_waited_for() -> None:
    crowd = 4 * db.pool().get_max_size()
    told = await asyncio.gather(*(db.fetchval("SELECT $1::int FROM pg_sleep(0.01)", one) for one in range(crowd)))
    assert told == list(range(crowd))
