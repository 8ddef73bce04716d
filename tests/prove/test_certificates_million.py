"""A million certificates: every look-up takes what it takes with a thousand. Prints what it measured."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from server import db
from server.actor import Anonymous
from server.features.certificates import service as certificates
from server.features.certificates.models import Certificate
from server.kit import clock
from server.kit.certificate_number import parse
from server.kit.ids import new_id
from server.ports import Ports
from tests.factories.cases import Applicant, granted, office
from tests.fixtures_web import Client

SMALL, LARGE = 1_000, 1_000_000
TRIES = 60
HOUSE = "https://example.test"
# A tree of one more level, and what a busy machine adds. Reading a million rows would take a hundred.
FACTOR, SLACK_MS = 1.5, 2.0

_TABLE = [
    "id", "created_at", "number", "type_id", "thread_id", "person_id", "enterprise_id", "department_id", "version",
    "state", "content_sealed", "payload_sealed", "key_id", "signed_at", "status_index", "status_changed_at",
    "valid_from", "valid_until", "issued_by", "sample",
]  # fmt: skip
_CODES = """
    INSERT INTO code (token, created_at, kind, subject_id, expires_at)
    SELECT 'x' || lpad(n::text, 21, '0'), now(), 'certificate', gen_random_uuid(), now() + interval '90 days'
    FROM generate_series($1::int, $2::int) AS n
"""


# The matters of those that a page of the desk may show.
_MATTERS = """
    INSERT INTO thread SELECT (jsonb_populate_record(thread, jsonb_build_object(
        'id', one.thread_id, 'number', '9' || lpad(one.status_index::text, 18, '0'),
        'person_id', one.person_id, 'state', 'closed'))).*
    FROM thread, (SELECT * FROM certificate ORDER BY created_at DESC OFFSET 1 LIMIT 1000) AS one WHERE thread.id = $1
    ON CONFLICT DO NOTHING
"""


def copies(of: Certificate, numbers: range) -> Iterator[tuple[object, ...]]:
    """Make rows that keep every rule of the table and say what the real one says."""
    known = {name: getattr(of, name) for name in _TABLE}
    head, tail = of.number.rsplit(".", 3)[0], of.number.rsplit(".", 3)[2:]
    for n in numbers:
        row_id = new_id()
        own = {
            "id": row_id,
            "created_at": of.created_at - timedelta(seconds=n),
            "number": ".".join((head, f"1999{n:08d}", *tail)),
            "thread_id": new_id(),
            "person_id": new_id(),
            "state": "revoked" if n % 100 == 0 else "valid",
            "content_sealed": db.seal_json("certificate", "content_sealed", row_id, of.content),
            "status_index": 10_000 + n,
            "status_changed_at": of.status_changed_at - timedelta(days=1),
            "valid_until": clock.today() + timedelta(days=400 + n % 900),
        }
        yield tuple((known | own)[name] for name in _TABLE)


async def fill(of: Certificate, numbers: range) -> None:
    """Store copies, and a code of each."""
    async with db.tx() as connection:
        # Rows made here keep the rules; checking each of millions against its parent would only take time.
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("SET LOCAL statement_timeout = 0")
        for start in range(numbers.start, numbers.stop, 50_000):
            part = copies(of, range(start, min(start + 50_000, numbers.stop)))
            await connection.copy_records_to_table("certificate", records=part, columns=_TABLE, timeout=600)
        await connection.execute(_MATTERS, of.thread_id)
        await connection.execute(_CODES, numbers.start, numbers.stop - 1, timeout=1800)
    patient = await asyncpg.connect(db.address())
    for table in ("certificate", "code"):
        await patient.execute(f"VACUUM (ANALYZE) {table}", timeout=1800)
    await patient.execute("CHECKPOINT")
    await patient.close()


async def lookups(who: Applicant, ports: Ports) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Name what is timed."""
    asker = Anonymous(locale="zh-CN", address="192.0.2.1", request_id="million")
    certificate = await Certificate.filter(person_id=who.someone.actor.person_id).get()
    officer = who.office.reviewer.actor
    printed = await certificates.print_code(who.someone.actor, certificate.id, HOUSE)
    token, _, text = printed.url.partition("#")
    number = parse(certificate.number)
    assert number is not None

    async def desk(**asked: str) -> object:
        return await (await certificates.desk(officer, **asked)).page()

    return {
        "check by code": lambda: certificates.check(asker, ports.signer, token, HOUSE),
        "check by text": lambda: certificates.check(asker, ports.signer, text, HOUSE),
        "wallet": lambda: certificates.wallet(who.someone.actor),
        "desk, newest": desk,
        "desk, by number": lambda: desk(q=certificate.number),
        "desk, by serial": lambda: desk(q=number.serial),
        "desk, suspended": lambda: desk(state="suspended"),
        "days over": certificates.end_expired,
        "sign again": lambda: certificates.sign_again(ports.signer),
    }


async def timed(named: dict[str, Callable[[], Awaitable[Any]]]) -> dict[str, float]:
    """Give what each takes in milliseconds, by its quietest tenth: the machine has others to serve."""
    found = {}
    for name, look in named.items():
        took = []
        for _ in range(TRIES):
            began = time.perf_counter()
            await look()
            took.append((time.perf_counter() - began) * 1000)
        found[name] = statistics.quantiles(took, n=10)[0]
    return found


@pytest.mark.timeout(3600)
async def test_a_million_is_found_as_fast_as_a_thousand(
    client: Client, ports: Ports, capsys: pytest.CaptureFixture[str]
) -> None:
    who = await granted(client, ports, await office())
    one = await Certificate.filter(person_id=who.someone.actor.person_id).get()
    named = await lookups(who, ports)
    await fill(one, range(1, SMALL + 1))
    await timed(named)
    small = await timed(named)
    await fill(one, range(SMALL + 1, LARGE + 1))
    await timed(named)
    large = await timed(named)
    began = time.perf_counter()
    assert await certificates.publish_status_list(ports.signer)
    took = time.perf_counter() - began
    listed = await certificates.status_list()
    assert listed is not None
    figures = {name: [round(small[name], 2), round(large[name], 2)] for name in named}
    with capsys.disabled():
        told = {"ms": figures, "status_list": {"seconds": round(took, 2), "bytes": len(listed.body)}}
        print(json.dumps(told))  # noqa: T201 - the figures are the point
    await db.execute(
        "UPDATE certificate SET state = 'revoked', status_changed_at = $2 WHERE id = $1", one.id, clock.now()
    )
    began = time.perf_counter()
    assert await certificates.publish_status_list(ports.signer)
    assert time.perf_counter() - began < 20
    slow = {name: (small[name], large[name]) for name in named if large[name] > small[name] * FACTOR + SLACK_MS}
    assert not slow, slow
