"""One use case, one transaction."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import asyncpg
import pytest
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.backends.base.client import TransactionContextPooled

from server import db
from server.db import connecting
from server.db.engine import Client
from server.errors import Unavailable

pytestmark = pytest.mark.usefixtures("database")

INSERT = "INSERT INTO idempotency_key (owner, key, body_hash, created_at) VALUES ('a', $1, ''::bytea, now())"


async def keep(key: str) -> None:
    await db.execute(INSERT, key)


async def keys() -> list[str]:
    return [row["key"] for row in await db.fetch("SELECT key FROM idempotency_key ORDER BY key")]


@pytest.fixture
async def whole_pool() -> AsyncIterator[None]:
    """Afterwards no connection may be in use."""
    yield
    await asyncio.sleep(0)
    assert db.pool().get_size() == db.pool().get_idle_size()


async def test_a_transaction_commits_whole() -> None:
    async with db.tx():
        await keep("1")
        async with db.tx():
            await keep("2")
        assert await keys() == ["1", "2"]
    assert await keys() == ["1", "2"]


async def test_an_error_rolls_back_all() -> None:
    async def fails() -> None:
        async with db.tx():
            await keep("1")
            async with db.tx():
                await keep("2")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    assert await keys() == []


async def test_an_error_caught_above_a_joined_part_does_not_commit_half() -> None:
    @db.transactional
    async def part() -> None:
        await keep("half")
        raise ZeroDivisionError

    async def whole() -> None:
        async with db.tx():
            await keep("1")
            with pytest.raises(ZeroDivisionError):
                await part()

    with pytest.raises(RuntimeError, match="nothing is saved"):
        await whole()
    assert await keys() == []


async def test_a_savepoint_fails_alone() -> None:
    woken: list[str] = []

    async def wake() -> None:
        woken.append("wrong")

    async def part() -> None:
        async with db.savepoint(), db.tx():
            await keep("undone")
            db.after_commit(wake)
            raise ZeroDivisionError

    async with db.tx():
        await keep("1")
        with pytest.raises(ZeroDivisionError):
            await part()
        await keep("2")
    assert await keys() == ["1", "2"]
    assert woken == []


async def test_an_error_of_the_database_inside_a_savepoint_leaves_the_rest_usable() -> None:
    async def twice() -> None:
        async with db.savepoint():
            await keep("1")

    async with db.tx():
        await keep("1")
        with pytest.raises(asyncpg.UniqueViolationError):
            await twice()
        await keep("2")
    assert await keys() == ["1", "2"]


async def test_wake_ups_run_after_the_outermost_commit_and_never_fail_it(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[list[str]] = []

    async def broken() -> None:
        raise ZeroDivisionError

    async def look() -> None:
        seen.append(await keys())

    with caplog.at_level(logging.CRITICAL):
        async with db.tx():
            async with db.tx():
                db.after_commit(broken)
                db.after_commit(look)
            await keep("1")
            assert seen == []
    assert seen == [["1"]]


async def test_wake_ups_are_forgotten_with_a_rollback() -> None:
    woken: list[str] = []

    async def wake() -> None:
        woken.append("wrong")

    async def fails() -> None:
        async with db.tx():
            db.after_commit(wake)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    assert woken == []


async def test_what_belongs_in_a_transaction_is_refused_outside() -> None:
    with pytest.raises(RuntimeError, match=r"belongs inside db\.tx"):
        db.after_commit(asyncio.Event().wait)
    with pytest.raises(RuntimeError, match=r"belongs inside db\.tx"):
        await db.savepoint().__aenter__()


async def test_a_task_started_inside_a_transaction_may_not_use_it() -> None:
    async with db.tx():
        task = asyncio.create_task(keys())
        with pytest.raises(RuntimeError, match="started inside a transaction"):
            await task


async def test_two_transactions_of_two_tasks_do_not_see_each_other() -> None:
    inside, leave = asyncio.Event(), asyncio.Event()

    async def other() -> None:
        async with db.tx():
            await keep("other")
            inside.set()
            await leave.wait()

    task = asyncio.create_task(other())
    await inside.wait()
    async with db.tx():
        assert await keys() == []
    leave.set()
    await task
    assert await keys() == ["other"]


@pytest.mark.usefixtures("whole_pool")
async def test_cancelled_anywhere_it_gives_the_connection_back() -> None:
    async def deed() -> None:
        async with db.tx():
            await db.fetchval("SELECT 1")

    for ticks in range(60):
        task = asyncio.create_task(deed())
        for _ in range(ticks):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    stuck = "state LIKE 'idle in transaction%' AND datname = current_database()"
    assert await db.fetchval(f"SELECT count(*) FROM pg_stat_activity WHERE {stuck}") == 0


async def test_the_stock_entry_loses_it_under_the_same_cancellation(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: without it the test above could pass because nothing was ever cancelled in time."""

    async def deed() -> None:
        async with TransactionContextPooled(TransactionWrapper(connecting.client()), asyncio.Lock()):
            pass

    before = db.pool().get_idle_size()
    task = asyncio.create_task(deed())
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    lost = [holder for holder in db.pool()._holders if holder._in_use]
    assert len(lost) == 1
    assert db.pool().get_idle_size() < before
    lost[0]._con._top_xact._managed = True
    await db.pool().release(lost[0]._proxy)


@pytest.mark.usefixtures("whole_pool")
async def test_an_empty_pool_refuses_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.db.engine.ACQUIRE_SECONDS", 0.05)
    taken = [await db.pool().acquire() for _ in range(db.pool().get_max_size())]
    try:
        for ask in (keys, lambda: connecting.client().execute_query("SELECT 1"), db.tx().__aenter__):
            with pytest.raises(Unavailable):
                await ask()
    finally:
        for connection in taken:
            await db.pool().release(connection)
    assert await keys() == []


async def test_a_lost_connection_is_a_refusal_and_the_next_one_works() -> None:
    async def cut_off() -> None:
        async with db.tx() as connection:
            victim = await connection.fetchval("SELECT pg_backend_pid()")
            killer = await asyncpg.connect(db.address())
            await killer.execute("SELECT pg_terminate_backend($1, 2000)", victim)
            await killer.close()
            await keep("1")

    with pytest.raises(Unavailable):
        await cut_off()
    assert await keys() == []


async def test_a_mistake_of_ours_is_not_taken_for_a_lost_database() -> None:
    with pytest.raises(asyncpg.InterfaceError):
        await db.fetch("SELECT 1", "one argument too many")
    with pytest.raises(FileNotFoundError):
        async with db.tx():
            raise FileNotFoundError


async def test_no_database_is_a_refusal() -> None:
    client = Client("postgresql://onetrip@/onetrip?host=/nowhere", {"min_size": 1}, connection_name="default")
    with pytest.raises(Unavailable):
        await client.create_connection(with_db=True)


async def test_models_take_part_in_the_transaction() -> None:
    async with db.tx():
        await connecting.client().execute_query("SELECT 1")  # its own connection, as a wrong import would have
        pid = await db.fetchval("SELECT pg_backend_pid()")
        from tortoise.connection import get_connection  # noqa: PLC0415 - what every model asks

        _, rows = await get_connection("default").execute_query("SELECT pg_backend_pid() AS pid")
        assert rows[0]["pid"] == pid


async def test_sessions_are_limited() -> None:
    shown = {
        name: await db.fetchval(f"SHOW {name}") for name in ("statement_timeout", "lock_timeout", "jit", "timezone")
    }
    assert shown == {"statement_timeout": "15s", "lock_timeout": "5s", "jit": "off", "timezone": "UTC"}
