from __future__ import annotations

import hashlib
import io
from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.fixtures_web import Client
from tests.server.web.small_app import World

FILES = "/small/files"


def form(content: bytes, *, first: bool = False, **fields: str) -> aiohttp.FormData:
    made = aiohttp.FormData(quote_fields=False)  # as browsers and WeChat write names
    if first:
        made.add_field("file", io.BytesIO(content), filename="身份证.jpg", content_type="image/jpeg")
    for name, value in fields.items():
        made.add_field(name, value)
    if not first:
        made.add_field("file", io.BytesIO(content), filename="身份证.jpg", content_type="image/jpeg")
    return made


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 2_500_000])
async def test_a_form_with_a_file_arrives_whole(
    small: Client, world: World, key: dict[str, str], size: int, first: bool
) -> None:
    content = (b"\r\n--x\r\n" * (size // 7 + 1))[:size]
    answer = await small.as_("citizen:1").post(FILES, data=form(content, first=first, kind="front"), headers=key)
    assert answer.status == 200
    assert answer.json["text"] == hashlib.sha256(content).hexdigest()
    assert world.done == [f"身份证.jpg image/jpeg {size} [('kind', 'front')]"]


async def test_a_bare_body_is_a_file_too(small: Client, key: dict[str, str]) -> None:
    answer = await small.as_("citizen:1").post(
        FILES, data=b"%PDF-1.7", headers={**key, "content-type": "application/pdf"}
    )
    assert answer.json["text"] == hashlib.sha256(b"%PDF-1.7").hexdigest()


async def test_a_resent_form_is_the_same_deed_although_its_boundary_differs(
    small: Client, world: World, key: dict[str, str]
) -> None:
    person = small.as_("citizen:1")
    first = await person.post(FILES, data=form(b"abc"), headers=key)
    again = await person.post(FILES, data=form(b"abc"), headers=key)
    other = await person.post(FILES, data=form(b"abd"), headers=key)
    assert first.body == again.body
    assert (len(world.done), other.json["code"]) == (1, "idempotency_key_reused")


async def test_too_much_is_refused_announced_or_not(small: Client, world: World, key: dict[str, str]) -> None:
    async def without_end() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 65_536

    person = small.as_("citizen:1")
    announced = await person.post(FILES, data=form(b"x" * 3_000_001), headers=key)
    assert (announced.status, announced.json["code"]) == (413, "too_large")
    unannounced = await person.post(FILES, data=without_end(), headers=key)
    assert (unannounced.status, unannounced.json["code"]) == (413, "too_large")
    assert not world.done


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b\r\n",
        b"--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nno file\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\ncut off',
        (
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n1\r\n'
            b'--b\r\nContent-Disposition: form-data; name="g"; filename="b"\r\n\r\n2\r\n--b--\r\n'
        ),
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--b--\r\n',
    ],
)
async def test_a_broken_form_is_refused(small: Client, world: World, key: dict[str, str], body: bytes) -> None:
    answer = await small.as_("citizen:1").post(
        FILES, data=body, headers={**key, "content-type": "multipart/form-data; boundary=b"}
    )
    assert answer.status == 400
    assert not world.done


async def test_long_fields_are_refused(small: Client, key: dict[str, str]) -> None:
    answer = await small.as_("citizen:1").post(FILES, data=form(b"1", note="x" * 20_000), headers=key)
    assert answer.status == 413


async def test_nobody_uploads_without_being_logged_in(small: Client, world: World, key: dict[str, str]) -> None:
    assert (await small.post(FILES, data=form(b"x" * 100), headers=key)).status == 401
    assert not world.done
