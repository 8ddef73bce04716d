"""One pool a process: opened once, shared by Tortoise models and our own SQL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import asyncpg
from tortoise.context import TortoiseContext

from server.config import Settings
from server.db import sealed
from server.db.embedded import Owner, join_or_own
from server.db.engine import Client, unavailable
from server.db.registry import APP, model_modules

CONNECTION = "default"

# Milliseconds. A statement or a wait for a lock that takes longer is a fault, and one stuck session must not stop
# the others; commands that need more (migrations, exports) set their own with SET LOCAL.
SERVER_SETTINGS = {
    "application_name": "onetrip",
    "timezone": "UTC",
    "jit": "off",
    "statement_timeout": "15000",
    "lock_timeout": "5000",
    "idle_in_transaction_session_timeout": "20000",
}
COMMAND_SECONDS = 20.0


@dataclass(slots=True)
class _Open:
    context: TortoiseContext
    client: Client
    dsn: str
    owner: Owner | None
    users: int = 1


_open: _Open | None = None

# What else of the process hangs on the pool and must end before it.
before_close: list[Callable[[], Awaitable[None]]] = []


async def connect(settings: Settings) -> None:
    """Open the pool of this process; opening it again only counts, so that a test and the app it tests can share it.

    Without `DATABASE_URL` it joins the embedded PostgreSQL, or starts and keeps it until `disconnect`.
    Raises `Unavailable`, `EmbeddedError`.
    """
    global _open  # noqa: PLW0603 - one pool a process is the point of this module
    if _open is not None:
        if settings.database_url not in {"", _open.dsn}:
            raise RuntimeError("this process already has a pool, to another database")
        _open.users += 1
        return
    sealed.install(settings.secrets.keyring)
    owner = None
    dsn = settings.database_url
    if not dsn:
        dsn, owner = join_or_own(settings)
    try:
        _open = await _opened(settings, dsn, owner)
    except BaseException:
        if owner is not None:
            owner.stop()
        raise


async def _opened(settings: Settings, dsn: str, owner: Owner | None) -> _Open:
    context = TortoiseContext()
    options = {
        "min_size": min(2, settings.pool_size),
        "max_size": settings.pool_size,
        "command_timeout": COMMAND_SECONDS,
        "server_settings": SERVER_SETTINGS,
    }
    config = {
        "connections": {CONNECTION: {"engine": "server.db.engine", "credentials": {"dsn": dsn, "options": options}}},
        "apps": {APP: {"models": model_modules(), "migrations": "server.migrations"}},
    }
    with context:
        # The fallback is what makes it known to every task, not only to the one that connects.
        await context.init(config=config, _enable_global_fallback=True)
    opened = context.db(CONNECTION)
    try:
        if not isinstance(opened, Client):
            raise TypeError("Tortoise did not take our engine")
        await opened.create_connection(with_db=True)
    except BaseException:
        await context.close_connections()
        raise
    return _Open(context, opened, dsn, owner)


async def disconnect() -> None:
    """Close the pool when its last user leaves, and stop the embedded PostgreSQL if this process keeps it."""
    global _open
    if _open is None:
        return
    _open.users -= 1
    if _open.users:
        return
    closing, _open = _open, None
    try:
        for end in before_close:
            await end()
        await closing.context.close_connections()
    finally:
        if closing.owner is not None:
            closing.owner.stop()


def client() -> Client:
    """Give Tortoise's client of the open pool. Raises `Unavailable` when none is open."""
    if _open is None:
        raise unavailable(RuntimeError("db.connect(settings) has not run in this process"))
    return _open.client


def pool() -> asyncpg.Pool:
    """Give the open pool. Raises `Unavailable` when none is open."""
    opened = client()._pool  # noqa: SLF001 - Tortoise keeps no public door to its pool
    if opened is None:
        raise unavailable(RuntimeError("the pool is closed"))
    return opened


def address() -> str:
    """Give the address of the open database, for connections of their own (LISTEN, migrations, pg_dump)."""
    client()
    assert _open is not None  # noqa: S101 - client() has just checked it; this tells mypy
    return _open.dsn
