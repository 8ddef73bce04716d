"""PDFs are written anew: what is shown stays, what tells of its maker or acts by itself stays behind."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

import pikepdf
import pypdfium2 as pdfium
from pikepdf import Array, Dictionary, Name, Object, Stream

from . import JPEG_QUALITY, MOST_BYTES, THUMB_EDGE, Clean, RefusedError
from ._suspects import look_over

MOST_PAGES = 2_000
MOST_OBJECTS = 200_000
# All a reader needs of the catalogue (ISO 32000-1 7.7.2): no scripts, attachments, metadata, outlines or permissions.
_CATALOGUE = {"/Type", "/Pages", "/AcroForm", "/OCProperties", "/Lang"}
# What acts (12.6.4) and what carries files (7.11): nobody reviews it, and without it the paper may say something else.
_ACTIONS = {
    Name(f"/{one}")
    for one in ("JavaScript", "Launch", "SubmitForm", "ImportData", "Rendition", "GoToE", "RichMediaExecute")
}
_ACTIVE = (Name.JS, Name.XFA, Name.EF, Name.EmbeddedFiles, Name.RichMediaContent)
# What tells of tools, people and days (14.3, 14.5), acts when looked at, or is another picture of the page.
_DROPPED = (Name.Metadata, Name.PieceInfo, Name.LastModified, Name.AA, Name.PA, Name.AF, Name.Thumb, Name.SigFlags)
# Markers of a JPEG (ITU T.81 B.1.1.3) that hold notes: comments, and application data but for the colour profile (2)
# and the flag that tells how colours are meant (14).
_NOTES = {0xFE, *range(0xE1, 0xF0)} - {0xE2, 0xEE}


def rewritten(content: bytes) -> Clean:
    """Raise RefusedError `documents.broken`, `.two_in_one`, `.active_pdf`, `.pdf_bomb` or `too_large`."""
    look_over(content)
    try:
        with pikepdf.open(io.BytesIO(content)) as paper:
            if paper.is_encrypted:
                raise RefusedError("documents.active_pdf")
            kept = _written(paper)
    except (RefusedError, MemoryError):
        raise
    except pikepdf.PasswordError as locked:
        raise RefusedError("documents.active_pdf") from locked
    except Exception as broken:
        # As with pictures: a hostile file can make a parser raise anything.
        raise RefusedError("documents.broken") from broken
    if len(kept) > MOST_BYTES:
        raise RefusedError("too_large")
    return Clean(content=kept, media_type="application/pdf", thumb=None)


def _written(paper: pikepdf.Pdf) -> bytes:
    if len(paper.objects) > MOST_OBJECTS or len(paper.pages) > MOST_PAGES:
        raise RefusedError("documents.pdf_bomb")
    if not len(paper.pages):
        raise RefusedError("documents.broken")
    for one in _dictionaries(paper):
        if one.get(Name.S) in _ACTIONS or any(key in one for key in _ACTIVE):
            raise RefusedError("documents.active_pdf")
        _quieten(one)
        if isinstance(one, Stream):
            _bare_photo(paper, one)
    for part, known in ((paper.Root, _CATALOGUE), (paper.trailer, {"/Root", "/Size"})):
        for key in set(part.keys()) - known:
            del part[key]
    sink = io.BytesIO()
    # The same paper again is the same bytes; packed streams are not unpacked for it.
    paper.save(
        sink,
        deterministic_id=True,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
    )
    return sink.getvalue()


def _dictionaries(paper: pikepdf.Pdf) -> Iterator[Object]:
    left: list[object] = list(paper.objects)
    while left:
        one = left.pop()
        if isinstance(one, Dictionary | Stream):
            yield one
            inside: list[object] = [each for _, each in one.items()]
        else:
            inside = list(one) if isinstance(one, Array) else []
        # What has a number of its own is in the list already.
        left.extend(each for each in inside if isinstance(each, Object) and not each.is_indirect)


def _quieten(one: Object) -> None:
    for key in _DROPPED:
        if key in one:
            del one[key]
    if Name.Rect in one and Name.A in one:
        del one[Name.A]  # a click on an annotation
    signed = one.get(Name.V)
    if isinstance(signed, Dictionary) and Name.ByteRange in signed:
        # It was made over other bytes, and would only say that these are forged. What it shows stays.
        del one[Name.V]


def _bare_photo(paper: pikepdf.Pdf, one: Stream) -> None:
    """Take a JPEG's own notes from it: where, when and by which device it was taken."""
    filters = _listed(one.get(Name.Filter))
    if not filters or filters[-1] != Name.DCTDecode:
        return
    photo = one.read_raw_bytes()
    for outer in filters[:-1]:
        photo = Stream(paper, photo, Filter=outer).read_bytes()
    parms = [each for each in _listed(one.get(Name.DecodeParms))[-1:] if isinstance(each, Dictionary)]
    one.write(_without_notes(photo), filter=Name.DCTDecode, decode_parms=parms[0] if parms else None)


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, Array) else [] if value is None else [value]


def _without_notes(photo: bytes) -> bytes:
    kept, at = [photo[:2]], 2
    while at + 4 <= len(photo) and photo[at] == 0xFF and photo[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(photo[at + 2 : at + 4])
        if photo[at + 1] not in _NOTES:
            kept.append(photo[at:end])
        at = end
    return b"".join([*kept, photo[at:]])


def first_page(content: bytes) -> bytes:
    """Draw the first page small (JPEG); empty where it cannot be drawn. May take the process with it."""
    try:
        with contextlib.closing(pdfium.PdfDocument(content)) as paper:
            page = paper[0]
            picture = page.render(scale=THUMB_EDGE / max(page.get_size())).to_pil().convert("RGB")
    except Exception:  # noqa: BLE001 - whatever a strange file makes of the reader, the paper is kept; it only has no picture
        return b""
    sink = io.BytesIO()
    picture.save(sink, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return sink.getvalue()
