"""Tortoise's asyncpg client with the entry, the exit and the errors that a busy service needs.

Named as the `engine` of the only connection, so Tortoise models and our own SQL share one pool. It reaches into
Tortoise and asyncpg, which offer no public way to mend either; both are pinned, and the abort storm watches over it.
"""
# ruff: noqa: SLF001, ANN401

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Any
from weakref import WeakSet

import asyncpg
from asyncpg.pool import PoolConnectionHolder, PoolConnectionProxy
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import PoolConnectionWrapper, TransactionContextPooled
from tortoise.connection import get_connections

from server.errors import Unavailable

ACQUIRE_SECONDS = 5.0

# The database went away, as asyncpg tells it. Its `InterfaceError` is also every mistake of ours, so that one counts
# only by its words.
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,  # the server died between two messages of its own
)
# The last one is how a connection that was cut while in use tells of it: asyncpg takes it back on its own.
_LOST_WORDS = ("connection is closed", "connection was closed", "pool is clos", "has been released back to the pool")


# Connections whose user was cancelled. asyncpg prepares a statement and runs it in two steps, and only the second tells
# PostgreSQL that the work is over: cut in between, the statement's clock runs on and later stops a stranger's.
_cut_short: WeakSet[asyncpg.Connection] = WeakSet()


def unavailable(cause: BaseException) -> Unavailable:
    """Turn a lost or unreachable database into the refusal the caller is told about."""
    refusal = Unavailable("database_unavailable", retry_after=2)
    refusal.__cause__ = cause
    return refusal


def is_lost(error: BaseException | None) -> bool:
    """Say whether asyncpg means that the database went away."""
    if isinstance(error, _LOST):
        return True
    return type(error) is asyncpg.InterfaceError and any(words in str(error) for words in _LOST_WORDS)


def is_unreachable(error: BaseException) -> bool:
    """Say the same of an error raised by nothing but asyncpg, where a refused or cut socket is the database's."""
    return isinstance(error, OSError) or is_lost(error)


async def acquire(pool: asyncpg.Pool) -> PoolConnectionProxy:
    """Take a connection, waiting a bounded time: an exhausted pool must answer, not hang. Raises `Unavailable`."""
    try:
        if (holder := _at_hand(pool)) is not None:
            return await _taken(pool, holder)
        async with asyncio.timeout(ACQUIRE_SECONDS):
            return await pool.acquire()
    except Exception as error:
        if is_unreachable(error):
            raise unavailable(error) from error
        raise


async def release(pool: asyncpg.Pool, connection: PoolConnectionProxy, cause: BaseException | None = None) -> None:
    """Give a connection back, saying what broke off its use, if anything did.

    One that turns out to be lost is dropped by asyncpg, and that is no news to anybody.
    """
    if cause is not None and not isinstance(cause, asyncpg.PostgresError) and connection._con is not None:
        _cut_short.add(connection._con)
    if cause is None and _is_at_rest(pool, connection):
        connection._con._on_release()
        holder, waited_for = connection._holder, bool(pool._queue._getters)
        holder._release()
        holder._setup_inactive_callback()
        if waited_for:
            # Whoever waits has it before whoever gave it back asks for the next statement.
            await asyncio.sleep(0)
        return
    try:
        # Shielded by asyncpg, so a cancellation cannot lose it.
        await pool.release(connection)
    except Exception as error:
        if not is_unreachable(error):
            raise


def _at_hand(pool: asyncpg.Pool) -> PoolConnectionHolder | None:
    """Take out of the pool what is connected and free, if there is such a thing: there is nothing to wait for then."""
    free = pool._queue._queue if pool._queue is not None and not pool._closing else ()
    return pool._queue.get_nowait() if free and free[-1].is_connected() else None


async def _taken(pool: asyncpg.Pool, holder: PoolConnectionHolder) -> PoolConnectionProxy:
    try:
        return await holder.acquire()
    except BaseException:
        pool._queue.put_nowait(holder)
        raise


def _is_at_rest(pool: asyncpg.Pool, connection: PoolConnectionProxy) -> bool:
    """Say whether asyncpg would find nothing to end, roll back or renew.

    Its own way back is a task, a timeout and a turn of the loop, which is more than a short statement costs.
    """
    holder, used = connection._holder, connection._con
    if used is None or used.is_closed() or holder._generation != pool._generation:
        return False
    protocol = used._protocol
    return (
        not protocol.is_in_transaction()
        and used._top_xact is None
        and not protocol._is_cancelling()
        and protocol.queries_count < holder._max_queries
        and not used._listeners
        and not used._log_listeners
    )


class SafeWrapper(TransactionWrapper):
    """Tortoise's statements inside a transaction, with our errors."""

    async def _translate_exceptions(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return await _translated(super()._translate_exceptions, func, *args, **kwargs)


class SafeTransaction(TransactionContextPooled):
    """Stock Tortoise loses a connection for good when the task is cancelled while BEGIN is under way.

    Sanic cancels a handler when its client hangs up, so a few hundred impatient phones would stop the service.
    Here the connection goes back to the pool whatever happens between taking it and giving it back.
    """

    client: SafeWrapper

    async def __aenter__(self) -> SafeWrapper:
        await self.ensure_connection()
        self.client._connection = await acquire(self.client._parent._pool)
        try:
            await self.client.begin()
        except BaseException:
            await self._give_back()
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        get_connections().reset(self.token)
        try:
            if not self.client._finalized:
                await (self.client.rollback() if kind else self.client.commit())
        except Exception as failure:
            # When the body already failed, its own error says more than the failed rollback does.
            if error is None:
                raise unavailable(failure) if is_unreachable(failure) else failure from failure
        finally:
            await self._give_back()

    async def _give_back(self) -> None:
        # asyncpg reports an unfinished transaction as an error unless it is marked as looked after; its reset rolls
        # back either way.
        if self.client.transaction is not None:
            self.client.transaction._managed = True
        pool = self.client._parent._pool
        if pool is not None:
            await release(pool, self.client._connection)


class SafeAcquire(PoolConnectionWrapper[Any]):
    """Tortoise's single statements, with the same bounded wait for a connection."""

    async def __aenter__(self) -> PoolConnectionProxy:
        await self.ensure_connection()
        self.connection = await acquire(self.client._pool)
        return self.connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await release(self.client._pool, self.connection, error)


async def _keep_session(connection: asyncpg.Connection) -> None:
    """Leave the session as it is on release, once what was cut short has been ended.

    Session state is never changed on a pooled connection (locks and settings are taken per transaction), so asyncpg's
    RESET ALL would only cost every use a round trip. Unfinished transactions are still rolled back, before this runs.
    """
    if connection in _cut_short:
        _cut_short.discard(connection)
        await connection.execute("SELECT")


class Client(AsyncpgDBClient):
    """The one client of the process. `dsn` is what asyncpg takes, `options` its pool's sizes and settings."""

    def __init__(self, dsn: str, options: dict[str, Any], **credentials: Any) -> None:
        super().__init__(**credentials)
        self._dsn = dsn
        self._options = options

    async def create_connection(self, with_db: bool) -> None:  # noqa: ARG002, FBT001 - Tortoise's signature
        """Open the pool. Raises `Unavailable` when the database cannot be reached."""
        try:
            self._pool = await asyncpg.create_pool(self._dsn, reset=_keep_session, **self._options)
        except Exception as error:
            if is_unreachable(error):
                raise unavailable(error) from error
            raise
        await self._post_connect()

    def acquire_connection(self) -> SafeAcquire:
        """Take part in Tortoise's single statements."""
        return SafeAcquire(self, self._pool_init_lock)

    def _in_transaction(self) -> SafeTransaction:
        return SafeTransaction(SafeWrapper(self), self._pool_init_lock)

    async def _translate_exceptions(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return await _translated(super()._translate_exceptions, func, *args, **kwargs)


async def _translated(translate: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return await translate(*args, **kwargs)
    except Exception as error:
        if is_unreachable(error):
            raise unavailable(error) from error
        raise


client_class = Client
