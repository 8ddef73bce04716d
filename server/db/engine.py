"""Tortoise's asyncpg client with the entry, the exit and the errors that a busy service needs.

Named as the `engine` of the only connection, so Tortoise models and our own SQL share one pool.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import PoolConnectionWrapper, TransactionContextPooled
from tortoise.connection import get_connections

from server.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from asyncpg.pool import PoolConnectionProxy

ACQUIRE_SECONDS = 5.0

# What "the database cannot be reached just now" looks like from here. `InterfaceError` is asyncpg's "this connection is
# closed"; `OSError` covers a refused or missing socket and its subclass `TimeoutError` a pool that stays empty.
LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
)


def unavailable(cause: BaseException) -> Unavailable:
    """Turn a lost or unreachable database into the refusal the caller is told about."""
    refusal = Unavailable("database_unavailable", retry_after=2)
    refusal.__cause__ = cause
    return refusal


async def acquire(pool: asyncpg.Pool) -> PoolConnectionProxy:
    """Take a connection, waiting a bounded time: an exhausted pool must answer, not hang."""
    try:
        async with asyncio.timeout(ACQUIRE_SECONDS):
            return await pool.acquire()
    except LOST as lost:
        raise unavailable(lost) from lost


class SafeTransaction(TransactionContextPooled):
    """Stock Tortoise loses a connection for good when the task is cancelled while BEGIN is under way.

    Sanic cancels a handler when its client hangs up, so a few hundred impatient phones would stop the service.
    Here the connection goes back to the pool whatever happens between taking it and giving it back.
    """

    async def __aenter__(self) -> TransactionWrapper:
        await self.ensure_connection()
        client = self.client
        client._connection = await acquire(client._parent._pool)
        try:
            await client.begin()
        except BaseException:
            await self._give_back()
            raise
        self.token = get_connections().set(self.connection_name, client)
        return client  # type: ignore[no-any-return]

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        get_connections().reset(self.token)
        try:
            if not self.client._finalized:
                await (self.client.rollback() if kind else self.client.commit())
        except LOST as lost:
            # When the body already failed, its own error says more than the lost rollback does.
            if error is None:
                raise unavailable(lost) from lost
        finally:
            await self._give_back()

    async def _give_back(self) -> None:
        # asyncpg reports an unfinished transaction as an error unless it is marked as looked after; its reset rolls
        # back either way. `release` is shielded by asyncpg, so a second cancellation cannot lose the connection.
        if self.client.transaction is not None:
            self.client.transaction._managed = True
        if self.client._parent._pool:
            await self.client._parent._pool.release(self.client._connection)


class SafeAcquire(PoolConnectionWrapper[Any]):
    """Tortoise's single statements, with the same bounded wait for a connection."""

    async def __aenter__(self) -> PoolConnectionProxy:
        await self.ensure_connection()
        self.connection = await acquire(self.client._pool)  # type: ignore[attr-defined]
        return self.connection


async def _keep_session(_connection: object) -> None:
    """Leave the session as it is on release.

    Session state is never changed on a pooled connection (locks and settings are taken per transaction), so asyncpg's
    RESET ALL would only cost every use a round trip. Unfinished transactions are still rolled back, before this runs.
    """


class Client(AsyncpgDBClient):
    """The one client of the process. `dsn` is what asyncpg takes, `pool` the sizes and server settings."""

    def __init__(self, dsn: str, pool: dict[str, Any], **credentials: Any) -> None:  # noqa: ANN401 - Tortoise's own
        super().__init__(**credentials)
        self._dsn = dsn
        self._pool_options = pool

    async def create_connection(self, with_db: bool) -> None:  # noqa: ARG002, FBT001 - Tortoise's signature
        """Open the pool. Raises `Unavailable` when the database cannot be reached."""
        try:
            self._pool = await asyncpg.create_pool(self._dsn, reset=_keep_session, **self._pool_options)
        except LOST as lost:
            raise unavailable(lost) from lost
        await self._post_connect()

    def acquire_connection(self) -> SafeAcquire:
        """Take part in Tortoise's single statements."""
        return SafeAcquire(self, self._pool_init_lock)

    def _in_transaction(self) -> SafeTransaction:
        return SafeTransaction(SafeWrapper(self), self._pool_init_lock)

    async def _translate_exceptions(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        return await _translated(super()._translate_exceptions, func, *args, **kwargs)


class SafeWrapper(TransactionWrapper):
    """Tortoise's statements inside a transaction, with the same errors."""

    async def _translate_exceptions(self, func: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        return await _translated(super()._translate_exceptions, func, *args, **kwargs)


async def _translated(translate: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
    try:
        return await translate(*args, **kwargs)
    except LOST as lost:
        raise unavailable(lost) from lost


client_class = Client
