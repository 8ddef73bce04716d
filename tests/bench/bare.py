"""The limit: Sanic and one statement, with nothing of ours around them.

python -m tests.bench.bare WHAT PORT DSN [ARGUMENT ...]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sanic import HTTPResponse, Request, Sanic

POOL = 8
JSON = "application/json"

_SIGNED = "SELECT message, signature FROM bench_signed WHERE key = $1"
Handler = Callable[[Request], Coroutine[Any, Any, HTTPResponse]]


def make(what: str, dsn: str, arguments: list[str]) -> Sanic[Any, Any]:
    """Build the app around one handler, at /."""
    app: Sanic[Any, Any] = Sanic("bare", configure_logging=False)
    app.config.ACCESS_LOG = False
    app.config.MOTD = False

    @app.before_server_start
    async def connect(app: Sanic[Any, Any], _loop: object) -> None:
        app.ctx.pool = await asyncpg.create_pool(dsn, min_size=POOL, max_size=POOL)

    app.add_route(_HANDLERS[what](arguments), "/", methods=["GET", "POST"], name="bare")
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


_SUBMIT = """
WITH handed AS (
    UPDATE case_record SET state = 'submitted', submitted_at = now(), updated_at = now(), version = version + 1,
        form_sealed = $3, delivery_sealed = $3, told = '{}', hall_id = (SELECT id FROM hall LIMIT 1)
    WHERE id = $1 RETURNING id, thread_id, account_id),
files AS (
    UPDATE file SET thread_id = handed.thread_id, held_for = handed.thread_id FROM handed WHERE file.id = ANY ($2)),
papers AS (
    INSERT INTO material (id, created_at, case_id, rule_key, source, file_id, place)
    SELECT gen_random_uuid(), now(), $1, 'id_card', 'upload', one, 0 FROM unnest($2::uuid[]) AS one),
days AS (
    INSERT INTO clock (id, created_at, thread_id, kind, started_on, promise_on, law_on, state)
    SELECT gen_random_uuid(), now(), thread_id, 'receive', current_date, current_date + 5, current_date + 5, 'running'
    FROM handed),
steps AS (
    INSERT INTO step (thread_id, at, name, actor_kind, actor_id, data)
    SELECT thread_id, now(), 'cases.submitted', 'citizen', account_id, '{}' FROM handed),
answers AS (
    INSERT INTO idempotency_key (owner, key, body_hash, status, reply_sealed, created_at)
    VALUES ('bare', $4, $3, 200, $3, now()))
UPDATE thread SET updated_at = now(), status = 'cases.submitted' FROM handed WHERE thread.id = handed.thread_id
"""


class _Application(msgspec.Struct):
    case: UUID
    files: list[UUID]
    key: str


def _submit(_arguments: list[str]) -> Handler:
    """Write every row of an application that is handed in, with 2 KB of stored answer, in one statement."""
    read = msgspec.json.Decoder(_Application)
    sealed = bytes(2000)

    async def answer(request: Request) -> HTTPResponse:
        one = read.decode(request.body)
        await request.app.ctx.pool.execute(_SUBMIT, one.case, one.files, sealed, one.key)
        return HTTPResponse(b"{}", 200, content_type=JSON)

    return answer


def _verify(arguments: list[str]) -> Handler:
    """Answer whether one row's signature holds, under the public key given."""
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(arguments[0]))

    async def answer(request: Request) -> HTTPResponse:
        row = await request.app.ctx.pool.fetchrow(_SIGNED, msgspec.json.decode(request.body)["token"])
        public.verify(row["signature"], row["message"])
        return HTTPResponse(b'{"result":"valid"}', 200, content_type=JSON)

    return answer


_HANDLERS: dict[str, Callable[[list[str]], Handler]] = {
    "json": _json,
    "row": _row,
    "submit": _submit,
    "verify": _verify,
}


if __name__ == "__main__":
    what, port, dsn, *rest = sys.argv[1:]
    make(what, dsn, rest).run(host="127.0.0.1", port=int(port), single_process=True, access_log=False)
