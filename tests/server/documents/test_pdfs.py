"""A foreign PDF is written anew: its pages stay as they look, and nothing else of it is kept."""

from __future__ import annotations

import asyncio
import io

import pikepdf
import pytest
from PIL import Image

from server.features.documents.service import _cleaner
from tests.factories.identity import AsCitizen
from tests.fixtures_web import Client
from tests.server.documents.papers import PDF, picture, scanned, send

NAME = "诊断书.pdf"
TOLD = (b"SecretCamera", b"SecretScanner", b"Wang Wu", b"SecretXmp", b"SecretPiece")


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    return picture(exif=exif)


def telling() -> bytes:
    """What scanning and writing programs leave in a file beside its pages."""
    with pikepdf.open(io.BytesIO(scanned(with_exif(), "/OpenAction[3 0 R/Fit]/AA<</WC 9 0 R>>"))) as paper:
        paper.pages[0].Metadata = pikepdf.Stream(paper, b"<x>SecretXmp</x>")
        paper.pages[0].PieceInfo = pikepdf.Dictionary(By=pikepdf.String("SecretPiece"))
        paper.pages[0].Annots = [
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Link,
                Rect=[0, 0, 9, 9],
                A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://example.com/")),
            )
        ]
        sink = io.BytesIO()
        paper.save(sink, compress_streams=False)
    return sink.getvalue()


async def kept_of(client: Client, as_citizen: AsCitizen, content: bytes) -> tuple[bytes, bytes]:
    phone = client.as_((await as_citizen()).token)
    kept = await send(phone, content, NAME)
    assert kept.status == 201, kept.text
    return (await phone.get(kept.json["url"])).body, (await phone.get(kept.json["thumb_url"])).body


async def test_what_tells_and_acts_stays_behind_and_the_page_stays(client: Client, as_citizen: AsCitizen) -> None:
    sent = telling()
    assert all(one in sent for one in TOLD)
    back, _ = await kept_of(client, as_citizen, sent)
    with pikepdf.open(io.BytesIO(back)) as paper:
        assert set(paper.Root.keys()) == {"/Type", "/Pages"}
        assert "/Info" not in paper.trailer
        (page,) = paper.pages
        assert "/A" not in page.Annots[0]
        photo = page.Resources.XObject.P.read_raw_bytes()
        whole = io.BytesIO()
        paper.save(whole, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    assert not [one for one in TOLD if one in whole.getvalue()]
    with Image.open(io.BytesIO(photo)) as after, Image.open(io.BytesIO(with_exif())) as before:
        assert not after.getexif()
        assert after.tobytes() == before.tobytes()


async def test_the_first_page_is_shown_small(client: Client, as_citizen: AsCitizen) -> None:
    _, small = await kept_of(client, as_citizen, scanned(picture()))
    with Image.open(io.BytesIO(small)) as drawn:
        assert (drawn.format, drawn.size) == ("JPEG", (240, 320))
        seen = drawn.convert("RGB").getpixel((120, 160))
    assert isinstance(seen, tuple)
    assert all(abs(here - there) < 8 for here, there in zip(seen, (0x88, 0xAA, 0xCC), strict=True))


async def test_the_same_paper_again_is_the_same_file(client: Client, as_citizen: AsCitizen) -> None:
    phone = client.as_((await as_citizen()).token)
    first, again = await send(phone, telling(), NAME), await send(phone, telling(), NAME)
    assert first.json["id"] == again.json["id"]


async def test_a_signature_over_other_bytes_is_taken_off(client: Client, as_citizen: AsCitizen) -> None:
    field = "/AcroForm<</SigFlags 3/Fields[<</FT/Sig/T(s)/Rect[0 0 9 9]/V<</ByteRange[0 1 2 3]/Contents<00>>>>>]>>"
    back, _ = await kept_of(client, as_citizen, scanned(picture(), field))
    with pikepdf.open(io.BytesIO(back)) as paper:
        assert set(paper.Root.AcroForm.Fields[0].keys()) == {"/FT", "/T", "/Rect"}


def hidden(what: pikepdf.Object) -> bytes:
    """A PDF that holds something where no search through its bytes finds it."""
    with pikepdf.open(io.BytesIO(PDF)) as paper:
        paper.Root.OpenAction = what
        sink = io.BytesIO()
        paper.save(sink, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return sink.getvalue()


def many_pages() -> bytes:
    sink = io.BytesIO()
    with pikepdf.new() as paper:
        for _ in range(2001):
            paper.add_blank_page(page_size=(100, 100))
        paper.save(sink)
    return sink.getvalue()


def locked() -> bytes:
    sink = io.BytesIO()
    with pikepdf.open(io.BytesIO(PDF)) as paper:
        paper.save(sink, encryption=pikepdf.Encryption(owner="secret", user=""))
    return sink.getvalue()


REFUSED = {
    "a short script": (hidden(pikepdf.Dictionary(S=pikepdf.Name.X, JS=pikepdf.String("x"))), "documents.active_pdf"),
    "a file inside": (hidden(pikepdf.Dictionary(EF=pikepdf.Dictionary())), "documents.active_pdf"),
    "a form that goes out": (hidden(pikepdf.Dictionary(S=pikepdf.Name.GoToE)), "documents.active_pdf"),
    "locked": (locked(), "documents.active_pdf"),
    "no page": (PDF.replace(b"/Count 1/Kids[3 0 R]", b"/Count 0/Kids[]"), "documents.broken"),
    "more pages than anybody reads": (many_pages(), "documents.pdf_bomb"),
}


@pytest.mark.parametrize("kind", REFUSED)
async def test_a_pdf_that_hides_something_is_refused(client: Client, as_citizen: AsCitizen, kind: str) -> None:
    content, code = REFUSED[kind]
    answer = await send(client.as_((await as_citizen()).token), content, NAME)
    assert (answer.status, answer.json["code"]) == (422, code)


async def test_a_page_that_kills_who_draws_it_costs_the_picture_and_not_the_paper(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever dies over the small picture has given away what is kept; the next file finds another."""
    dying = _cleaner._PROGRAM.replace(
        "_serving.serve()", "_serving._pdfs.first_page = lambda _paper: os.abort(); import os; _serving.serve()"
    )
    monkeypatch.setattr(_cleaner, "_PROGRAM", dying)
    fragile = _cleaner._Cleaner()
    for _ in range(2):
        kept = await asyncio.to_thread(fragile.clean, PDF)
        assert (kept.content[:4], kept.thumb) == (b"%PDF", None)
    fragile.close()
