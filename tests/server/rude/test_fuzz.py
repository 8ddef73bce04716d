"""Rude input at every door: never a failure, always a refusal with words, nothing repeated, nothing in the log."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from random import Random
from urllib.parse import urlsplit

import pytest

from server.cli import HUSHED
from server.web import finishing
from server.web.routing import Operation
from tests.fixtures_web import Serving
from tests.server.rude import nasty
from tests.server.rude.asks import endless
from tests.server.rude.nasty import MARK, PERSONAL
from tests.server.rude.sending import Rude, Sender, send_all
from tests.server.rude.wire import Line
from tests.server.rude.world import World


class Ear(logging.Handler):
    """Everything that is written to any log meanwhile, at LOG_LEVEL=DEBUG."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def ear() -> Iterator[Ear]:
    heard = Ear()
    root, access = logging.getLogger(), logging.getLogger("server.access")
    hushed = {logging.getLogger(name): level for name, level in HUSHED.items()}
    before = {logger: logger.level for logger in (root, access, *hushed)}
    root.addHandler(heard)
    for logger, level in {**hushed, root: logging.DEBUG, access: logging.INFO}.items():
        logger.setLevel(level)
    yield heard
    root.removeHandler(heard)
    for logger, level in before.items():
        logger.setLevel(level)


async def _quietly(serving: Serving, rudes: list[Rude], ear: Ear) -> None:
    assert len(rudes) > 100
    faults = await send_all(serving, rudes)
    finishing.write_lines()
    assert not faults, f"{len(faults)} of {len(rudes)}\n" + "\n".join(faults[:25])
    assert ear.lines
    told = [line[:300] for line in ear.lines if MARK in line or any(secret in line for secret in PERSONAL)]
    assert not told, "\n".join(told[:10])
    loud = [line[:300] for line in ear.lines if " ERROR " in line or " CRITICAL " in line]
    assert not loud, "\n".join(loud[:10])


@pytest.fixture
def sender(world: World) -> Sender:
    return Sender(world, Random(20261120))


async def test_bodies(register: list[Operation], sender: Sender, rude_serving: Serving, ear: Ear) -> None:
    await _quietly(rude_serving, [rude for one in register for rude in sender.bodies(one, 6)], ear)


async def test_queries(register: list[Operation], sender: Sender, rude_serving: Serving, ear: Ear) -> None:
    # A stream does not read its query, and its answer would never be over.
    some = [one for one in register if not endless(one)]
    await _quietly(rude_serving, [rude for one in some for rude in sender.queries(one, 8)], ear)


async def test_paths(register: list[Operation], sender: Sender, rude_serving: Serving, ear: Ear) -> None:
    await _quietly(rude_serving, [rude for one in register for rude in sender.paths(one, 5)], ear)


async def test_headers(register: list[Operation], sender: Sender, rude_serving: Serving, ear: Ear) -> None:
    tried = {
        "identity.me",
        "catalogue.search",
        "booking.book",
        "console_cases.worklist",
        "console_bookings.confirm",
        "console_login.login",
        "console_login.password",
        "ratings.rate",
        "documents.store",
    }
    await _quietly(rude_serving, [rude for one in register if one.name in tried for rude in sender.heads(one)], ear)


async def test_addresses_that_are_none(register: list[Operation], rude_serving: Serving, ear: Ear) -> None:
    some = register[0]
    head = {"accept": b"application/json"}
    rudes = [
        Rude(operation=some, what=f"{method} {target[:60]!r}", target=target, headers=head, body=b"", method=method)
        for target in nasty.TARGETS
        for method in ("GET", "HEAD", "POST", "OPTIONS", "PROPFIND")
    ]
    await _quietly(rude_serving, rudes, ear)


async def test_what_is_hardly_http(rude_serving: Serving, ear: Ear) -> None:
    """A refusal or a hang-up, at once, and the next in line is served."""
    port = urlsplit(rude_serving.base).port or 0
    faults = []
    for raw in nasty.BROKEN:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(raw)
        writer.write_eof()
        try:
            answer = await asyncio.wait_for(reader.read(), 30)
        except ConnectionError:
            answer = b""
        except TimeoutError:
            answer = b"HTTP/1.1 ??? waits"
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        if answer and not answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 3")):
            faults.append(f"{raw[:70]!r}: {answer[:300]!r}")
    line = Line(port)
    reply = await line.send("GET", b"/health/live", {})
    line.close()
    assert reply.status == 200
    assert not faults, "\n".join(faults)
    assert not [line[:300] for line in ear.lines if " ERROR " in line or " CRITICAL " in line]
