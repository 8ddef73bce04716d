"""Migrations: Tortoise's own runner over `server/migrations`, one release at a time, all of it or nothing."""

from __future__ import annotations

import asyncpg
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from server.db import connecting
from server.db.engine import Client
from server.db.registry import APP

FIRST = "__first__"
LATEST = "__latest__"

# ruff: noqa: SLF001 - Tortoise's runner has no public way to share a transaction

# Any number will do as long as every release uses the same one.
_TURN = 0x0E71
_APPS = {APP: {"models": [], "migrations": "server.migrations"}}

# A release waits for another one, but never stops the service by queueing behind a long query for a table's lock.
_TURN_WAIT = "SET LOCAL lock_timeout = '120s'"
_TABLE_WAIT = "SET LOCAL lock_timeout = '15s'"


class MigrationError(Exception):
    """The database was left as it was. The message is one line."""


async def migrate(to: str = LATEST, *, address: str = "") -> list[str]:
    """Bring the connected database to `to` (a migration's name; `FIRST` undoes all) and give the names run, in order.

    It is one transaction: killed or failing anywhere, it leaves the database as it was. `address` is another database
    than the connected one. Raises `MigrationError`, `Unavailable`.
    """
    settings = connecting.SERVER_SETTINGS | {"statement_timeout": "0"}
    client = Client(
        address or connecting.address(),
        {"min_size": 1, "max_size": 1, "server_settings": settings},
        connection_name=connecting.CONNECTION,
    )
    await client.create_connection(with_db=True)
    try:
        return await _run(client, to)
    except (ValueError, asyncpg.PostgresError, OperationalError, IntegrityError) as error:
        raise MigrationError(f"migrating to {to} failed and changed nothing: {error}") from error
    finally:
        await client.close()


async def _run(client: Client, to: str) -> list[str]:
    done: list[str] = []

    def note(event: str, _app: str, name: str) -> None:
        if event.endswith("_done"):
            done.append(name)

    # Entered by Tortoise's own door, so that its runner, asking for "the connection", is given this transaction.
    async with client._in_transaction() as whole:
        await whole.execute_script(f"{_TURN_WAIT}; SELECT pg_advisory_xact_lock({_TURN}); {_TABLE_WAIT}")
        executor = MigrationExecutor(whole, _APPS)
        # Before the runner asks for the table and takes the error of its absence for "nothing applied": inside a
        # transaction that error would be the end of it.
        await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
        await executor.migrate([MigrationTarget(APP, to)], progress=note)
    return done
