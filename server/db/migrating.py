"""Migrations: Tortoise's own runner over `server/migrations`, one release at a time."""

from __future__ import annotations

import asyncpg
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from server.db import connecting
from server.db.registry import APP

# Any number will do as long as every release uses the same one.
_LOCK = 0x0_E_7_1

FIRST = "__first__"
LATEST = "__latest__"


class MigrationError(Exception):
    """The database could not be brought there. The message is one line."""


async def migrate(to: str = LATEST) -> list[str]:
    """Bring the connected database to `to` (a migration's name; `FIRST` undoes all) and give the names run, in order.

    Two releases starting at once take turns: the lock is held by a session of its own. Raises `MigrationError`.
    """
    guard = await asyncpg.connect(connecting.address(), server_settings=connecting.SERVER_SETTINGS | {"lock_timeout": "120000"})
    try:
        await guard.execute("SET statement_timeout = '150s'")
        try:
            await guard.execute("SELECT pg_advisory_lock($1)", _LOCK)
        except asyncpg.LockNotAvailableError as busy:
            raise MigrationError("another release is migrating this database; try again when it has ended") from busy
        return await _run(to)
    finally:
        await guard.close()


async def _run(to: str) -> list[str]:
    done: list[str] = []

    def note(event: str, _app: str, name: str) -> None:
        if event.endswith("_done"):
            done.append(name)

    executor = MigrationExecutor(connecting.client(), {APP: {"models": [], "migrations": "server.migrations"}})
    try:
        await executor.migrate([MigrationTarget(APP, to)], progress=note)
    except ValueError as unknown:
        raise MigrationError(str(unknown)) from unknown
    return done
