"""What an upload is, its bytes decide; what is kept is sealed, clean and only its owner's."""

from __future__ import annotations

import io
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image

from server import db
from server.config import Settings
from server.errors import NotFound, Unavailable
from server.features.documents import service as documents
from server.kit import clock
from server.ports import FileStore, OutsideError, Ports
from tests.conftest import Clock
from tests.factories.documents import bytes_of
from tests.factories.identity import AsCitizen
from tests.fixtures_web import Client
from tests.server.documents.papers import PDF, picture, send

FILLER = """
    INSERT INTO file (id, created_at, account_id, state, name_sealed, media_type, size, digest, has_thumb)
    VALUES ($1, $3, $2, 'kept', '', 'image/png', 1, '', false)
"""


@pytest.mark.parametrize(
    ("content", "media_type", "ending"),
    [
        (picture(), "image/jpeg", "jpg"),
        (picture("PNG"), "image/png", "png"),
        (picture("WEBP"), "image/webp", "webp"),
        (PDF, "application/pdf", "pdf"),
    ],
    ids=["jpeg", "png", "webp", "pdf"],
)
async def test_four_kinds_are_taken(
    client: Client, as_citizen: AsCitizen, content: bytes, media_type: str, ending: str
) -> None:
    phone = client.as_((await as_citizen()).token)
    kept = await send(phone, content, f"身份证 正面.{ending}")
    assert (kept.status, kept.json["media_type"], kept.json["name"]) == (201, media_type, f"身份证 正面.{ending}")
    back = await phone.get(kept.json["url"])
    assert (back.status, back.headers["content-type"], back.headers["cache-control"]) == (
        200,
        media_type,
        "private, no-store",
    )
    assert len(back.body) == kept.json["size"]
    if kept.json["thumb_url"]:
        with Image.open(io.BytesIO((await phone.get(kept.json["thumb_url"])).body)) as small:
            assert max(small.size) <= 320


async def test_ten_megabytes_are_the_most(client: Client, as_citizen: AsCitizen) -> None:
    phone = client.as_((await as_citizen()).token)
    much = await send(phone, b"\xff\xd8\xff" + b"\x00" * (10 * 1024 * 1024))
    assert (much.status, much.json["code"]) == (413, "too_large")


async def test_a_scanned_pdf_is_no_script_by_chance(client: Client, as_citizen: AsCitizen) -> None:
    """Three bytes like `/JS` stand in every third file of that size; seen once, they must not turn it away."""
    noise = random.Random(7).randbytes(6_000_000)
    scan = PDF.replace(b"trailer", b"4 0 obj<</Length 6000004>>stream\n" + noise + b"/JS \nendstream endobj\ntrailer")
    kept = await send(client.as_((await as_citizen()).token), scan, "扫描件.pdf")
    assert kept.status == 201, kept.text


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
async def test_every_kind_of_picture_is_drawn_anew(client: Client, as_citizen: AsCitizen, mode: str) -> None:
    sink = io.BytesIO()
    Image.new(mode, (30, 20)).save(sink, "JPEG" if mode == "CMYK" else "PNG")
    kept = await send(client.as_((await as_citizen()).token), sink.getvalue())
    assert kept.status == 201, kept.text
    assert kept.json["thumb_url"]


async def test_place_and_device_stay_behind(client: Client, as_citizen: AsCitizen) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    tail = b"PK\x03\x04<script>polyglot</script>"
    phone = client.as_((await as_citizen()).token)
    kept = await send(phone, picture(exif=exif) + tail)
    back = (await phone.get(kept.json["url"])).body
    assert b"SecretCamera" not in back
    assert b"polyglot" not in back
    with Image.open(io.BytesIO(back)) as opened:
        assert not opened.getexif()


async def test_what_lies_in_the_store_is_unreadable(client: Client, as_citizen: AsCitizen, settings: Settings) -> None:
    phone = client.as_((await as_citizen()).token)
    kept = await send(phone, PDF, "张桂兰的诊断书.pdf")
    assert kept.status == 201
    lying = stored(settings, kept.json["id"])
    assert lying
    assert not any(b"%PDF" in path.read_bytes() for path in lying)
    row = await db.fetchrow("SELECT * FROM file WHERE id = $1", UUID(kept.json["id"]))
    assert row is not None
    assert "诊断书".encode() not in bytes(row["name_sealed"])


async def test_the_same_bytes_twice_are_one_file(client: Client, as_citizen: AsCitizen) -> None:
    phone = client.as_((await as_citizen()).token)
    first, again = await send(phone, picture()), await send(phone, picture())
    assert first.json["id"] == again.json["id"]


async def test_somebody_elses_file_looks_like_none(client: Client, as_citizen: AsCitizen) -> None:
    mine, other = await as_citizen(), await as_citizen()
    kept = (await send(client.as_(mine.token), picture())).json
    theirs = client.as_(other.token)
    for answer in (
        await theirs.get(kept["url"]),
        await theirs.get(kept["thumb_url"]),
        await theirs.delete(kept["url"]),
    ):
        assert (answer.status, answer.json["code"]) == (404, "not_found")
    assert (await client.get(kept["url"])).status == 401
    assert (await client.as_(mine.token).delete(kept["url"])).status == 204
    assert (await client.as_(mine.token).get(kept["url"])).status == 404


async def test_names_are_tidied(client: Client, as_citizen: AsCitizen) -> None:
    phone = client.as_((await as_citizen()).token)
    kept = await send(phone, picture(), "../../etc/pass\x07wd" + "长" * 200 + ".jpg")
    assert kept.status == 201, kept.text
    assert kept.json["name"].startswith("passwd长")
    assert kept.json["name"].endswith(".jpg")
    assert len(kept.json["name"]) <= 120


async def test_a_file_without_a_name_is_asked_for_one(client: Client, as_citizen: AsCitizen) -> None:
    answer = await send(client.as_((await as_citizen()).token), picture(), "..\\..\\\x07")
    assert (answer.status, answer.json["code"]) == (422, "documents.name_missing")


async def test_nobody_piles_up_files(client: Client, as_citizen: AsCitizen) -> None:
    phone = client.as_((await as_citizen()).token)
    for number in range(60):
        await db.execute(
            FILLER, UUID(int=number), UUID((await phone.get("/api/v1/me")).json["account_id"]), clock.now()
        )
    refused = await send(phone, picture())
    assert (refused.status, refused.json["code"]) == (409, "documents.too_many_unused")


async def test_unused_files_are_swept_after_a_day(
    client: Client, as_citizen: AsCitizen, settings: Settings, ports: Ports, clock: Clock
) -> None:
    kept = await send(client.as_((await as_citizen()).token), picture())
    assert await documents.sweep_unused(ports.files) == 0
    clock.advance(hours=25)
    assert await documents.sweep_unused(ports.files) == 1
    assert await db.fetchval("SELECT count(*) FROM file") == 0
    assert not stored(settings, kept.json["id"])


class Moody:
    """A store that fails at will."""

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self.fails: set[str] = set()

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        self._mood("thumb" if key.endswith(".thumb") else "put")
        return await self._store.put(key, chunks)

    def read(self, key: str) -> AsyncIterator[bytes]:
        self._mood("read")
        return self._store.read(key)

    async def delete(self, key: str) -> None:
        self._mood("delete")
        await self._store.delete(key)

    def _mood(self, deed: str) -> None:
        if deed in self.fails:
            raise OutsideError("files_down", final=False)


async def test_a_store_that_fails_leaves_nothing_unaccounted(
    as_citizen: AsCitizen, settings: Settings, ports: Ports, clock: Clock
) -> None:
    someone, store = (await as_citizen()).actor, Moody(ports.files)
    store.fails = {"thumb"}
    with pytest.raises(Unavailable, match="store_unavailable"):
        await documents.store(someone, replace(ports, files=store), "a.jpg", bytes_of(picture()))
    half = await db.fetchval("SELECT id FROM file")
    with pytest.raises(NotFound):
        await documents.read(someone, store, half)
    clock.advance(hours=25)
    store.fails = {"delete"}
    assert await documents.sweep_unused(store) == 0
    store.fails = set()
    assert await documents.sweep_unused(store) == 1
    assert not stored(settings, str(half))


async def test_a_store_that_cannot_be_read_is_told(as_citizen: AsCitizen, ports: Ports) -> None:
    someone, store = (await as_citizen()).actor, Moody(ports.files)
    kept = await documents.store(someone, replace(ports, files=store), "a.jpg", bytes_of(picture()))
    store.fails = {"read"}
    with pytest.raises(Unavailable, match="store_unavailable"):
        await documents.thumb(someone, store, kept.id)


def stored(settings: Settings, file_id: str) -> list[Path]:
    wanted = UUID(file_id).hex
    return [path for path in Path(settings.var_dir, "files").rglob("*") if path.name.startswith(wanted)]
