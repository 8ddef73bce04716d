"""The limit: Sanic and one statement, with nothing of ours around them.

python -m tests.bench.bare WHAT PORT DSN [ARGUMENT ...]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg
import msgspec
from sanic import HTTPResponse, Request, Sanic

POOL = 8
JSON = "application/json"

Handler = Callable[[Request], Coroutine[Any, Any, HTTPResponse]]


def make(what: str, dsn: str, arguments: list[str]) -> Sanic[Any, Any]:
    """Build the app around one handler, at /."""
    app: Sanic[Any, Any] = Sanic("bare", configure_logging=False)
    app.config.ACCESS_LOG = False
    app.config.MOTD = False

    @app.before_server_start
    async def connect(app: Sanic[Any, Any], _loop: object) -> None:
        app.ctx.pool = await asyncpg.create_pool(dsn, min_size=POOL, max_size=POOL)

    app.add_route(_HANDLERS[what](arguments), "/", name="bare")
    app.add_route(_ready, "/ready", name="ready")
    return app


async def _ready(_request: Request) -> HTTPResponse:
    return HTTPResponse(b"{}", 200, content_type=JSON)


def _json(arguments: list[str]) -> Handler:
    """Answer a JSON of so many bytes."""
    body = msgspec.json.encode({"x": "y" * (int(arguments[0]) - 8)})

    async def answer(_request: Request) -> HTTPResponse:
        return HTTPResponse(body, 200, content_type=JSON)

    return answer


def _row(arguments: list[str]) -> Handler:
    """Answer one row found by an indexed column: table, column, and the type of `?key=`."""
    table, column, kind = arguments
    statement = f"SELECT * FROM {table} WHERE {column} = $1::text::{kind}"

    async def answer(request: Request) -> HTTPResponse:
        row = await request.app.ctx.pool.fetchrow(statement, request.args.get("key"))
        shown = {name: str(value) for name, value in row.items()} if row else {}
        return HTTPResponse(msgspec.json.encode(shown), 200, content_type=JSON)

    return answer


_HANDLERS: dict[str, Callable[[list[str]], Handler]] = {"json": _json, "row": _row}


if __name__ == "__main__":
    what, port, dsn, *rest = sys.argv[1:]
    make(what, dsn, rest).run(host="127.0.0.1", port=int(port), single_process=True, access_log=False)
