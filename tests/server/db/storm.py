"""2,000 phones that hang up: one server, clients that abort 0.5 to 50 ms after asking. Prints what is left as JSON.

Run by `test_abort_storm.py`, in a process of its own because the stock entry ruins the pool it is tried on.
Arguments: the database's address, and `safe` or `stock`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import sys
import tempfile
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.response import text
from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.backends.base.client import TransactionContextPooled

from server import db
from server.config import Settings
from server.db.engine import Client
from server.web.serving import listen

REQUESTS = 2000
AT_ONCE = 24
POOL = 4
PATIENCE = 5.0  # seconds; the stock entry uses it up twice


def use_stock_entry() -> None:
    """Put back what Tortoise ships."""

    def stock(client: Client) -> TransactionContextPooled:
        return TransactionContextPooled(TransactionWrapper(client), client._pool_init_lock)

    Client._in_transaction = stock  # type: ignore[method-assign, assignment]


async def deed(_request: Request) -> HTTPResponse:
    """Several short transactions, so that many a hang-up falls on a BEGIN."""
    for _ in range(6):
        async with db.tx():
            await db.fetchval("SELECT 1")
            await db.execute("SELECT pg_notify('storm', '')")
    return text("done")


async def hang_up(port: int, chance: random.Random) -> None:
    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /deed HTTP/1.1\r\nHost: storm\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    await asyncio.sleep(chance.uniform(0.0005, 0.05))
    writer.transport.abort()


async def ask(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /deed HTTP/1.1\r\nHost: storm\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return answer


async def storm(port: int) -> None:
    chance = random.Random(20261120)
    left = iter(range(REQUESTS))

    async def one() -> None:
        for _ in left:
            await hang_up(port, chance)

    await asyncio.gather(*(one() for _ in range(AT_ONCE)))


async def outcome(port: int) -> dict[str, Any]:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while in_use():  # noqa: ASYNC110 - the last rollbacks
                await asyncio.sleep(0.01)
    try:
        answered = (await asyncio.wait_for(ask(port), PATIENCE)).startswith(b"HTTP/1.1 200")
    except TimeoutError:
        answered = False
    return {"answered": answered, "in_use": in_use()}


def in_use() -> int:
    size: int = db.pool().get_size()
    return size - int(db.pool().get_idle_size())


async def main(address: str, entry: str) -> None:
    if entry == "stock":
        use_stock_entry()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as var:
        environ = {"ENV": "test", "DATABASE_URL": address, "POOL_SIZE": str(POOL), "VAR_DIR": var}
        await db.connect(Settings.load(environ, env_file=None))
    app: Sanic[Any, Any] = Sanic("storm", configure_logging=False)
    app.add_route(deed, "/deed", methods=["POST"])
    listening = listen("127.0.0.1", 0)
    server: Any = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    await server.startup()
    await server.start_serving()
    port = listening.getsockname()[1]
    await storm(port)
    sys.stdout.write(json.dumps(await outcome(port)) + "\n")
    sys.stdout.flush()
    # The stock entry leaves nothing that could be closed in order.
    db.pool().terminate()
    server.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
