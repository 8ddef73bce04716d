"""The transaction every use case runs in, and the statements within it or beside it."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy

from server.db import connecting
from server.db.engine import acquire, is_lost, release, unavailable

P = ParamSpec("P")
R = TypeVar("R")
Wake = Callable[[], Awaitable[object]]
# What `fetch` is: a door that serves a batch takes the way to the database as a parameter.
Fetch = Callable[..., Awaitable[list[Record]]]

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Transaction:
    """The open transaction of one task. `doomed` once an error has passed through a part that joined it."""

    connection: PoolConnectionProxy
    task: asyncio.Task[Any] | None
    after: list[Wake] = field(default_factory=list)
    doomed: bool = False


_current: ContextVar[_Transaction | None] = ContextVar("transaction", default=None)


def _joined() -> _Transaction | None:
    """Give this task's transaction. A task started inside one may not touch it: two tasks, one connection, no order."""
    current = _current.get()
    if current is not None and current.task is not asyncio.current_task():
        raise RuntimeError(
            "a task started inside a transaction used the database: start it from db.after_commit, and inside a"
            " transaction use asyncio.timeout rather than wait_for or gather"
        )
    return current


def in_tx(name: str) -> _Transaction:
    """Give this task's transaction to the function `name`; RuntimeError when there is none."""
    current = _joined()
    if current is None:
        raise RuntimeError(f"{name} belongs inside db.tx()")
    return current


class tx:  # noqa: N801 - reads as a verb where it is used: `async with db.tx()`
    """One use case, one transaction. Yields the asyncpg connection.

    Within another `tx` it joins that one: there is one commit, the outermost, and an error that leaves any part rolls
    all of it back, even if somebody above catches it: the outermost then raises `RuntimeError`.
    Raises `Unavailable` when the database cannot be reached; then nothing is saved, unless the answer to COMMIT itself
    was lost, which is why deeds carry an idempotency key.
    """

    __slots__ = ("_entry", "_outer", "_own", "_token")

    async def __aenter__(self) -> PoolConnectionProxy:
        self._outer = _joined()
        if self._outer is not None:
            return self._outer.connection
        self._entry = connecting.client()._in_transaction()  # noqa: SLF001 - what Tortoise's in_transaction calls
        wrapper = await self._entry.__aenter__()
        self._own = _Transaction(wrapper._connection, asyncio.current_task())  # noqa: SLF001 - Tortoise hides it
        self._token = _current.set(self._own)
        return self._own.connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._outer is not None:
            self._outer.doomed |= error is not None
            return
        _current.reset(self._token)
        if error is None and self._own.doomed:
            error = RuntimeError("an error left a part of this transaction and was caught above it; nothing is saved")
            await self._entry.__aexit__(type(error), error, None)
            raise error
        await self._entry.__aexit__(kind, error, trace)
        if error is None:
            await _wake_all(self._own.after)
        elif is_lost(error):
            raise unavailable(error) from error


async def _wake_all(wakes: list[Wake]) -> None:
    for wake in wakes:
        try:
            await wake()
        except Exception:  # noqa: BLE001 - whatever it is, the deed is done
            # The work is committed: a lost wake-up delays it until the next poll, it must not fail the request.
            _log.exception("a wake-up after commit failed")


def transactional(use_case: Callable[P, Awaitable[R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """Run a whole use case in `db.tx()`."""

    @functools.wraps(use_case)
    async def within(*args: P.args, **kwargs: P.kwargs) -> R:
        async with tx():
            return await use_case(*args, **kwargs)

    return within


@asynccontextmanager
async def savepoint() -> AsyncIterator[PoolConnectionProxy]:
    """Let a part of a transaction fail alone: an error that leaves the block undoes the block and only the block."""
    current = in_tx("db.savepoint()")
    kept, doomed = len(current.after), current.doomed
    try:
        async with current.connection.transaction():
            yield current.connection
            if current.doomed and not doomed:
                raise RuntimeError("an error left a part of this savepoint and was caught within it; it is undone")
    except BaseException:
        del current.after[kept:]
        current.doomed = doomed
        raise


def after_commit(wake: Wake) -> None:
    """Run `wake` once the outermost transaction has committed, never if it rolls back.

    For wake-ups only: it is lost in a crash. Promised work is a row written in the transaction.
    """
    in_tx("db.after_commit()").after.append(wake)


class _Borrowed:
    """The transaction's connection, or one from the pool for a single statement."""

    __slots__ = ("_connection", "_pool")

    async def __aenter__(self) -> PoolConnectionProxy:
        current = _joined()
        if current is not None:
            self._pool = None
            return current.connection
        self._pool = connecting.pool()
        self._connection = await acquire(self._pool)
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            await release(self._pool, self._connection, error)
        # Nothing but asyncpg runs in between, so a cut socket is the database's.
        if error is not None and (isinstance(error, ConnectionError) or is_lost(error)):
            raise unavailable(error) from error


async def fetch(sql: str, *args: object) -> list[Record]:
    """Run one statement ($1 placeholders) and give its rows. Raises `Unavailable`."""
    async with _Borrowed() as connection:
        rows: list[Record] = await connection.fetch(sql, *args)
        return rows


async def fetchrow(sql: str, *args: object) -> Record | None:
    """Run one statement and give its first row. Raises `Unavailable`."""
    async with _Borrowed() as connection:
        return await connection.fetchrow(sql, *args)


async def fetchval(sql: str, *args: object) -> Any:  # noqa: ANN401 - whatever the column holds
    """Run one statement and give the first column of its first row. Raises `Unavailable`."""
    async with _Borrowed() as connection:
        return await connection.fetchval(sql, *args)


async def execute(sql: str, *args: object) -> str:
    """Run one statement and give PostgreSQL's command tag (`UPDATE 3`). Raises `Unavailable`."""
    async with _Borrowed() as connection:
        tag: str = await connection.execute(sql, *args)
        return tag


async def executemany(sql: str, rows: list[tuple[object, ...]]) -> None:
    """Run one statement for many rows, all or none. Raises `Unavailable`."""
    async with _Borrowed() as connection:
        await connection.executemany(sql, rows)
