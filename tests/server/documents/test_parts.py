"""An upload on a bad network goes on where it was cut, and nothing is taken that nobody looked through."""

from __future__ import annotations

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pikepdf
import pytest

from server import db
from server.adapters import antivirus
from server.app import create_app
from server.config import Settings
from server.errors import Unavailable
from server.features.documents import service as documents
from server.features.documents.service import _cleaner
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.booking import key
from tests.factories.cases import picture
from tests.factories.clamd import EICAR, Clamd
from tests.factories.documents import bytes_of
from tests.factories.identity import AsCitizen
from tests.fixtures_web import Answer, Client, serve
from tests.server.documents import papers

UPLOADS = "/api/v1/uploads"
PDF = papers.PDF.replace(b"/MediaBox", b"/Contents 4 0 R/MediaBox").replace(
    b"trailer", b"4 0 obj<</Length 600000>>stream\n" + b"A7" * 300_000 + b"\nendstream endobj\ntrailer"
)


async def begin(phone: Client, content: bytes, name: str = "扫描件.pdf") -> dict[str, Any]:
    begun = await phone.post(UPLOADS, json={"name": name, "size": len(content)}, headers=key())
    assert begun.status == 201, begun.text
    state: dict[str, Any] = begun.json
    return state


async def part(phone: Client, upload: dict[str, Any], start: int, content: bytes) -> Answer:
    return await phone.put(
        f"{UPLOADS}/{upload['id']}/parts/{start}", data=content, headers={"content-type": "application/octet-stream"}
    )


async def send_all(phone: Client, content: bytes, name: str = "扫描件.pdf") -> dict[str, Any]:
    upload = await begin(phone, content, name)
    while upload["received"] < len(content):
        start = upload["received"]
        upload = (await part(phone, upload, start, content[start : start + upload["part"]])).json
    return upload


async def test_parts_make_the_file(client: Client, as_citizen: AsCitizen) -> None:
    phone = client.as_((await as_citizen()).token)
    upload = await begin(phone, PDF)
    size = upload["part"]
    # Cut after the first: whoever comes back asks where to go on.
    assert (await part(phone, upload, 0, PDF[:size])).json["received"] == size
    assert (await phone.get(f"{UPLOADS}/{upload['id']}")).json["received"] == size
    early = await phone.post(f"{UPLOADS}/{upload['id']}/finish")
    assert (early.status, early.json["code"]) == (409, "documents.upload_incomplete")
    # Twice, too early, and beyond the end: nothing changes, and the answer says where to go on.
    for start, content in ((0, PDF[:size]), (2 * size, PDF[2 * size :])):
        assert (await part(phone, upload, start, content)).json["received"] == size
    same = await asyncio.gather(*(part(phone, upload, size, PDF[size : 2 * size]) for _ in range(4)))
    assert {answer.status for answer in same} == {200}
    assert (await phone.get(f"{UPLOADS}/{upload['id']}")).json["received"] == 2 * size
    assert (await part(phone, upload, 2 * size, PDF[2 * size :] + b"more")).json["received"] == 2 * size
    assert (await part(phone, upload, 2 * size, PDF[2 * size :])).json["received"] == len(PDF)
    done = await phone.post(f"{UPLOADS}/{upload['id']}/finish")
    assert (done.status, done.json["name"]) == (201, "扫描件.pdf")
    # The page's own stream came whole, through the program that writes the paper anew.
    with pikepdf.open(io.BytesIO((await phone.get(done.json["url"])).body)) as paper:
        assert paper.pages[0].Contents.read_bytes() == b"A7" * 300_000
    again = await phone.post(f"{UPLOADS}/{upload['id']}/finish")
    assert again.json["id"] == done.json["id"]
    assert await db.fetchval("SELECT count(*) FROM upload_part") == 0


async def test_parts_are_unreadable_where_they_lie(client: Client, as_citizen: AsCitizen) -> None:
    phone = client.as_((await as_citizen()).token)
    upload = await begin(phone, PDF, "张桂兰的诊断书.pdf")
    await part(phone, upload, 0, PDF[:1000])
    lying = await db.fetchval("SELECT sealed FROM upload_part")
    assert b"%PDF" not in lying
    assert "诊断书".encode() not in await db.fetchval("SELECT name_sealed FROM upload")


async def test_limits_are_told_before_anything_is_sent(client: Client, as_citizen: AsCitizen) -> None:
    phone = client.as_((await as_citizen()).token)
    much = await phone.post(UPLOADS, json={"name": "a.pdf", "size": 10 * 1024 * 1024 + 1}, headers=key())
    assert (much.status, much.json["code"]) == (413, "too_large")
    upload = await begin(phone, PDF)
    big = await part(phone, upload, 0, b"x" * (upload["part"] + 1))
    assert (big.status, big.json["code"]) == (413, "too_large")
    for _ in range(9):
        await begin(phone, PDF)
    more = await phone.post(UPLOADS, json={"name": "a.pdf", "size": 1}, headers=key())
    assert (more.status, more.json["code"]) == (409, "documents.too_many_unused")
    assert (await phone.delete(f"{UPLOADS}/{upload['id']}")).status == 204
    assert (await phone.delete(f"{UPLOADS}/{upload['id']}")).status == 404
    await begin(phone, PDF)


async def test_halves_lapse_after_a_day(client: Client, as_citizen: AsCitizen, clock: Clock) -> None:
    phone = client.as_((await as_citizen()).token)
    upload = await begin(phone, PDF)
    await part(phone, upload, 0, PDF[:1000])
    assert await documents.sweep_halves() == 0
    clock.advance(hours=25)
    gone = await part(phone, upload, 1000, PDF[1000:2000])
    assert (gone.status, gone.json["code"]) == (404, "documents.upload_gone")
    assert await documents.sweep_halves() == 1
    assert await db.fetchval("SELECT count(*) FROM upload_part") == 0


async def test_somebody_elses_upload_looks_like_none(client: Client, as_citizen: AsCitizen) -> None:
    upload = await begin(client.as_((await as_citizen()).token), PDF)
    theirs = client.as_((await as_citizen()).token)
    for answer in (
        await theirs.get(f"{UPLOADS}/{upload['id']}"),
        await part(theirs, upload, 0, b"x"),
        await theirs.post(f"{UPLOADS}/{upload['id']}/finish"),
        await theirs.get(f"{UPLOADS}/{uuid4()}"),
    ):
        assert (answer.status, answer.json["code"]) == (404, "documents.upload_gone")


async def test_a_file_refused_for_itself_is_gone_with_its_parts(client: Client, as_citizen: AsCitizen) -> None:
    phone = client.as_((await as_citizen()).token)
    upload = await send_all(phone, b"MZ" + b"\0" * 1000)
    refused = await phone.post(f"{UPLOADS}/{upload['id']}/finish")
    assert (refused.status, refused.json["code"]) == (422, "documents.type_refused")
    assert await db.fetchval("SELECT count(*) FROM upload") == 0


@pytest.fixture
async def clamd() -> AsyncIterator[Clamd]:
    twin = Clamd()
    await twin.listen()
    yield twin
    await twin.close()


@pytest.fixture
async def guarded(clamd: Clamd, client: Client, settings: Settings, ports: Ports) -> AsyncIterator[Client]:
    """A phone of the app with an antivirus."""
    watched = replace(ports, antivirus=antivirus.make(replace(settings, antivirus_url=clamd.url)))
    running = await serve(create_app(settings=settings, ports=watched))
    yield replace(client, base=running.base)
    await running.stop()


async def test_closed_while_the_antivirus_is_away_and_nothing_is_lost(
    guarded: Client, clamd: Clamd, as_citizen: AsCitizen
) -> None:
    phone = guarded.as_((await as_citizen()).token)
    upload = await send_all(phone, PDF)
    await clamd.close()
    away = await phone.post(f"{UPLOADS}/{upload['id']}/finish")
    assert (away.status, away.json["code"]) == (503, "documents.antivirus_unavailable")
    assert int(away.headers["retry-after"]) > 0
    assert await db.fetchval("SELECT count(*) FROM file") == 0
    await clamd.listen(port=int(clamd.url.rpartition(":")[2]))
    assert (await phone.post(f"{UPLOADS}/{upload['id']}/finish")).status == 201


async def test_what_is_infected_is_not_taken(guarded: Client, as_citizen: AsCitizen) -> None:
    phone = guarded.as_((await as_citizen()).token)
    upload = await send_all(phone, PDF.replace(b"A7" * 34, EICAR))
    refused = await phone.post(f"{UPLOADS}/{upload['id']}/finish")
    assert (refused.status, refused.json["code"]) == (422, "documents.infected")
    assert await db.fetchval("SELECT count(*) FROM file") == 0


async def test_a_decoder_that_dies_takes_nobody_with_it(as_citizen: AsCitizen, ports: Ports) -> None:
    someone = (await as_citizen()).actor
    await documents.store(someone, ports, "a.jpg", bytes_of(picture("#000001")))
    program = _cleaner._cleaner._process
    assert program is not None
    os.kill(program.pid, signal.SIGKILL)
    program.wait()
    assert (await documents.store(someone, ports, "b.jpg", bytes_of(picture("#000002")))).media_type == "image/jpeg"


async def test_whoever_waits_too_long_for_their_turn_is_told(
    as_citizen: AsCitizen, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone = (await as_citizen()).actor
    monkeypatch.setattr(_cleaner, "PATIENCE", 0.05)
    async with _cleaner.Turn(), _cleaner.Turn():
        with pytest.raises(Unavailable, match=r"documents\.busy"):
            await documents.store(someone, ports, "a.jpg", bytes_of(picture()))
