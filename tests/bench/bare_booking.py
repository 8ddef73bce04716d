"""What booking could reach at most: Sanic, and the statement that writes the rows of many at once, with nothing else of
ours around it. Nobody logs in, no rule but the places is looked at, nothing is sealed and no answer is made.

python -m tests.bench.bare_booking PORT DSN
"""

from __future__ import annotations

import itertools
import sys
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from sanic import HTTPResponse, Request, Sanic

from server.db.connecting import SERVER_SETTINGS
from server.db.lane import HELD_TO_INDEXES
from server.features.booking.service import _statement
from server.features.booking.service._batch import BESIDE, LANES
from server.features.thread.service._number import format_number
from server.kit import clock, ids
from server.kit.batching import Batcher
from tests.bench.bare import JSON
from tests.factories import catalogue

# Bytes of a stored answer and of a sealed text, and an answer as long as ours.
REPLY, SEALED, ANSWER = bytes(1000), bytes(220), b'{"x":"' + b"y" * 900 + b'"}'

# What the rows of one batch share, as a booking that was made before has it, in the order of `_statement.COUNTERS`.
_SHARED = """
SELECT thread.region_code, booking.item_id, thread.title, booking.guide_id, booking.hall_id, booking.state,
    booking.hold_until, step.name, true, inbox.kind, inbox.page, outbox.template, outbox.priority, true, false
FROM booking JOIN thread ON thread.id = booking.thread_id JOIN step ON step.thread_id = thread.id
    JOIN inbox ON inbox.thread_id = thread.id JOIN outbox ON outbox.inbox_id = inbox.id LIMIT 1
"""


class Wish(msgspec.Struct):
    """One place for one person."""

    slot_id: UUID
    person_id: UUID
    account_id: UUID


class _Writer:
    """As many connections as batches go at once, each held to indexes as ours are."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._free: list[asyncpg.Connection] = []
        self._shared: list[list[object]] = []
        self._serial = itertools.count(1)

    async def open(self) -> None:
        settings = SERVER_SETTINGS | HELD_TO_INDEXES
        self._free = [await asyncpg.connect(self._dsn, server_settings=settings) for _ in range(LANES)]
        row = await self._free[0].fetchrow(_SHARED)
        self._shared = [[value] for value in row.values()]

    async def write(self, wishes: list[Wish]) -> list[bool | Exception]:
        ranks: dict[UUID, int] = {}
        for wish in wishes:
            ranks.setdefault(wish.slot_id, 0)
        rows = [self._row(wish, ranks) for wish in wishes]
        connection = self._free.pop()
        try:
            found = await connection.fetch(_statement.STATEMENT, clock.now(), rows, *self._shared, sorted(ranks))
        finally:
            self._free.append(connection)
        return [row["booked"] for row in found]

    def _row(self, wish: Wish, ranks: dict[UUID, int]) -> tuple[object, ...]:
        ranks[wish.slot_id] += 1
        number = format_number(catalogue.COUNTY, clock.today(), 500_000 + next(self._serial))
        given = {
            "counter": 1,
            "rank": ranks[wish.slot_id],
            "slot_id": wish.slot_id,
            "person_id": wish.person_id,
            "version": 0,
            "enterprise_id": None,
            "account_id": wish.account_id,
            "owner": "bare",
            "key": ids.token(),
            "body_hash": REPLY[:32],
            "reply_sealed": REPLY,
            "thread_id": ids.new_id(),
            "opens": True,
            "number": number,
            "tail_index": REPLY[:16],
            "booking_id": ids.new_id(),
            "ticked": '["id_card"]',
            "code": ids.token(),
            "inbox_id": ids.new_id(),
            "text_sealed": SEALED,
            "outbox_id": ids.new_id(),
            "target": wish.account_id,
            "payload_sealed": SEALED,
            "audit_id": ids.new_id(),
            "request_id": "bare",
        }
        return tuple(given[name] for name, _ in _statement.ROWS)


def make(dsn: str) -> Sanic[Any, Any]:
    """Build the app around one handler, at /."""
    app: Sanic[Any, Any] = Sanic("bare_booking", configure_logging=False)
    app.config.ACCESS_LOG = False
    app.config.MOTD = False
    writer = _Writer(dsn)
    batcher: Batcher[Wish, bool] = Batcher(writer.write, lanes=LANES, beside=BESIDE)
    read = msgspec.json.Decoder(Wish)

    @app.before_server_start
    async def connect(_app: Sanic[Any, Any], _loop: object) -> None:
        await writer.open()

    async def book(request: Request) -> HTTPResponse:
        booked = await batcher.ask(read.decode(request.body))
        return HTTPResponse(ANSWER, 201 if booked else 409, content_type=JSON)

    app.add_route(book, "/", methods=["POST"], name="book")
    return app


if __name__ == "__main__":
    make(sys.argv[2]).run(host="127.0.0.1", port=int(sys.argv[1]), single_process=True, access_log=False)
