"""A million messages wait: claiming is hardly slower than with ten thousand, and a worker's memory stays flat."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from server import db
from server.features.push import service as push
from server.features.push.service import _claim
from server.features.push.service._ladder import sent
from server.features.push.service._send import Payload
from server.kit import clock
from server.kit.ids import new_id

WECHAT = push.Channel.WECHAT
SMALL, BIG = 10_000, 1_000_000
TURNS = 20
PAYLOAD = Payload(page="x", template="booking_result", values={"item": "居民身份证换领", "result": "预约成功"})
# A hundred thousand people with ten messages each; every tenth message is for next week. What a message says is not
# looked at by a claim that does not take it, and rows nobody refers to need no look at whom they refer to: `replica`
# leaves the checks of foreign keys and the triggers out, and what they would have written is written here.
_MANY = (
    "SET LOCAL session_replication_role = replica",
    """
    INSERT INTO account (id, created_at, locale)
    SELECT md5('a' || number)::uuid, $1::timestamptz, 'zh-CN' FROM generate_series(1, $2::int / 10) AS number
    """,
    """
    INSERT INTO inbox (id, created_at, kind, event, account_id, page, text_sealed)
    SELECT md5('i' || number)::uuid, $1::timestamptz, 'prove.said', 'many' || number,
        md5('a' || 1 + number % ($2::int / 10))::uuid, '/x', ''::bytea
    FROM generate_series(1, $2::int) AS number
    """,
    """
    INSERT INTO outbox (id, created_at, inbox_id, channel, kind, account_id, template, payload_sealed, priority, run_at,
                        due_at, deadline, retry_unknown, sms)
    SELECT md5('o' || number)::uuid, $1::timestamptz, md5('i' || number)::uuid, 'wechat', 'prove.said',
        md5('a' || 1 + number % ($2::int / 10))::uuid, 'booking_result', repeat('x', 400)::bytea, 1 + number % 9,
        at, at, $1::timestamptz + interval '9 days', true, true
    FROM generate_series(1, $2::int) AS number,
        LATERAL (SELECT $1::timestamptz + CASE WHEN number % 10 = 0 THEN interval '7 days' ELSE interval '0' END)
            AS due (at)
    """,
)

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(1200)]


async def _wait_in_line(count: int) -> None:
    """Put messages of as many people at the head of the line."""
    due = clock.now() - timedelta(hours=1)
    accounts, inbox, outbox = [], [], []
    for number in range(count):
        account, said, row = new_id(), new_id(), new_id()
        accounts.append((account, due, "zh-CN"))
        inbox.append((said, due, "prove.said", str(number), account, "/x", b""))
        sealed = db.seal_json("outbox", "payload_sealed", row, PAYLOAD)
        fixed = (1, due, due + timedelta(days=9), True, True)
        outbox.append((row, due, said, "wechat", "prove.said", account, "booking_result", sealed, *fixed))
    for table, columns, rows in (
        ("account", "id created_at locale", accounts),
        ("inbox", "id created_at kind event account_id page text_sealed", inbox),
        (
            "outbox",
            (
                "id created_at inbox_id channel kind account_id template payload_sealed priority run_at deadline"
                " retry_unknown sms"
            ),
            outbox,
        ),
    ):
        async with db.tx() as connection:
            await connection.copy_records_to_table(table, records=rows, columns=columns.split())
    await _looked_over()


async def _looked_over() -> None:
    async with db.tx() as connection:
        await connection.execute("SET LOCAL statement_timeout = 0")
        await connection.execute("ANALYZE account, inbox, outbox")


async def _claims() -> float:
    """Claim and write back batch after batch; gives the time of a claim nothing else held up: the fifth fastest."""
    took = []
    for turn in range(TURNS):
        began = time.perf_counter()
        rows = await _claim.claim(WECHAT, 200)
        took.append(time.perf_counter() - began)
        assert len(rows) == 200
        await _claim.record_sent([(row, sent(row, f"{turn}{row.id}")) for row in rows])
    return sorted(took)[4]


def _memory() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def test_a_million_wait(capsys: pytest.CaptureFixture[str]) -> None:
    await _wait_in_line(SMALL)
    few = await _claims()
    async with db.tx() as connection:
        await connection.execute("SET LOCAL statement_timeout = 0")
        for statement in _MANY:
            await connection.execute(statement, *((clock.now(), BIG) if "$1" in statement else ()), timeout=600)
    await _looked_over()
    before = _memory()
    many = await _claims()
    grown = (_memory() - before) / 2**20
    with capsys.disabled():
        print(f"\nclaim: {few * 1000:.1f} ms, {many * 1000:.1f} ms with {BIG} more, memory {grown:+.1f} MB")  # noqa: T201
    assert many <= 1.5 * few
    assert grown < 20
