"""A PostgreSQL that comes with the product, for machines without one: kept by one process, joined by the others.

Only the wheel's binaries are used. The owner is a child's parent: when it dies, however it dies, PostgreSQL stops.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.config import Settings
from server.db.embedded.owner import Owner, keep
from server.db.embedded.place import EmbeddedError, binaries, place_for

__all__ = ["EmbeddedError", "Owner", "address", "binaries", "join_or_own", "psql_line", "serve", "start"]

_JOIN_SECONDS = 60.0


def start(settings: Settings, *, durable: bool = True) -> Owner:
    """Become the owner: PostgreSQL runs until `Owner.stop` or this process's end.

    Blocks for a second or two, and must: the thread that starts PostgreSQL has to live as long as it.
    `durable=False` is for tests: no fsync. Raises `EmbeddedError`, also when another process is the owner.
    """
    owner = keep(place_for(settings.var_dir), durable=durable)
    if owner is None:
        raise EmbeddedError(
            f"another process already keeps the embedded database in {settings.var_dir}; stop it or change VAR_DIR"
        )
    return owner


@asynccontextmanager
async def serve(settings: Settings) -> AsyncIterator[str]:
    """Keep the embedded PostgreSQL while the block runs; yields its address."""
    owner = start(settings)
    try:
        yield owner.dsn
    finally:
        owner.stop()


def address(settings: Settings) -> str:
    """Give the running embedded PostgreSQL's address. Raises `EmbeddedError` when no process keeps it."""
    found = place_for(settings.var_dir).address()
    if found is None:
        raise EmbeddedError(
            f"nobody keeps the embedded database in {settings.var_dir}; run `python -m server web` or set DATABASE_URL"
        )
    return found


def join_or_own(settings: Settings) -> tuple[str, Owner | None]:
    """Give the address of the running one, or start it and give its owner too. Raises `EmbeddedError`."""
    place = place_for(settings.var_dir)
    deadline = time.monotonic() + _JOIN_SECONDS
    while time.monotonic() < deadline:
        found = place.address()
        if found is not None:
            return found, None
        owner = keep(place)
        if owner is not None:
            return owner.dsn, owner
        time.sleep(0.05)
    raise EmbeddedError(f"the process that keeps the embedded database in {settings.var_dir} does not get it started")


def psql_line(settings: Settings) -> str:
    """Give the command that opens a SQL prompt on the running embedded PostgreSQL; the wheel brings psql."""
    return f"{binaries() / 'bin' / 'psql'} '{address(settings)}'"
