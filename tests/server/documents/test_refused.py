"""What is not a paper is refused, whatever it calls itself and however it is wrapped."""

from __future__ import annotations

import pytest

from server import db
from tests.factories.identity import AsCitizen
from tests.fixtures_web import Client
from tests.server.documents.papers import PDF, archive, bomb, packed, picture, send

REFUSED = {
    "nothing": (b"", "documents.empty"),
    "text": (b"hello", "documents.type_refused"),
    "program": (b"MZ" + b"\x00" * 100, "documents.type_refused"),
    "svg": (b"<svg onload=alert(1)>", "documents.type_refused"),
    "gif": (b"GIF89a" + b"\x00" * 100, "documents.type_refused"),
    "cut off": (picture()[:300], "documents.broken"),
    "only a head": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "documents.broken"),
    "bomb": (bomb(8000), "documents.too_many_pixels"),
    "greater bomb": (bomb(20000), "documents.too_many_pixels"),
    "script": (
        PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>"),
        "documents.active_pdf",
    ),
    "hidden script": (PDF.replace(b"/Catalog", b"/Catalog/OpenAction<</S/J#61vaScript>>"), "documents.active_pdf"),
    "packed script": (packed(b"<</S/JavaScript/JS(app.alert(1))>>"), "documents.active_pdf"),
    "packed twice": (
        packed(b"<</S/JavaScript>>").replace(b"/ObjStm", b"/ObjStm/Filter[/ASCIIHexDecode]"),
        "documents.active_pdf",
    ),
    "packed bomb": (packed(b"0" * 20_000_000), "documents.pdf_bomb"),
    "bomb in a bomb": (packed(b"").replace(b"/FlateDecode", b"[/FlateDecode/FlateDecode]"), "documents.pdf_bomb"),
    "a page of a billion dots": (
        PDF.replace(b"trailer", b"2 0 obj<</Subtype/Image/Width 40000/Height 40000>>stream\nx\nendstream\ntrailer"),
        "documents.pdf_bomb",
    ),
    "an archive in a pdf": (PDF + archive(), "documents.two_in_one"),
    "a page in a pdf": (PDF.replace(b"1 0 obj", b"<script>alert(1)</script>\n1 0 obj"), "documents.two_in_one"),
    "a page behind a pdf": (PDF + b"<html><script>alert(1)</script>", "documents.two_in_one"),
    "encrypted": (PDF.replace(b"/Root", b"/Encrypt 5 0 R/Root"), "documents.active_pdf"),
    "half a pdf": (PDF[:20], "documents.broken"),
}


@pytest.mark.parametrize("kind", REFUSED)
async def test_what_is_not_a_paper_is_refused(client: Client, as_citizen: AsCitizen, kind: str) -> None:
    content, code = REFUSED[kind]
    name = "扫描件.pdf" if content.startswith(b"%PDF") else "身份证 正面.jpg"
    answer = await send(client.as_((await as_citizen()).token), content, name)
    assert (answer.status, answer.json["code"]) == (422, code)
    assert await db.fetchval("SELECT count(*) FROM file") == 0


@pytest.mark.parametrize(
    ("name", "content", "shown"),
    [
        ("照片.PNG", picture(), "照片.jpg"),
        ("IMG_0001", picture(), "IMG_0001.jpg"),
        ("合同 v1.2", PDF, "合同 v1.2.pdf"),
        ("扫描件.pdf", picture(), None),
        ("页面.html", PDF, None),
        ("身份证.jpg", PDF, None),
        ("程序.exe", picture(), None),
    ],
)
async def test_a_name_says_what_the_file_is(
    client: Client, as_citizen: AsCitizen, name: str, content: bytes, shown: str | None
) -> None:
    answer = await send(client.as_((await as_citizen()).token), content, name)
    if shown is None:
        assert (answer.status, answer.json["code"]) == (422, "documents.type_mismatch")
        assert await db.fetchval("SELECT count(*) FROM file") == 0
    else:
        assert (answer.status, answer.json["name"]) == (201, shown)
