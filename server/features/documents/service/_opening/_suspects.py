"""What the bytes of a PDF already tell, before anything opens it."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from . import RefusedError

# Names in a PDF that make it act instead of being read (ISO 32000-1 12.6), and encryption, which nobody could review.
# All are too long to stand in a scanned page's compressed bytes by chance; `/JS` alone would be in every third.
_ACTS = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|Rendition|SubmitForm|ImportData|Encrypt)\b|/XFA[\s\[<\d]"
)
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
# Since PDF 1.5 such names may lie inside compressed objects; packed in any other way than the usual one, nobody looks.
_STREAM = re.compile(rb"stream\r?\n")
_OBJECTS = re.compile(rb"/ObjStm\b")
_ODDLY_PACKED = re.compile(
    rb"/(?:ASCIIHexDecode|ASCII85Decode|LZWDecode|RunLengthDecode|AHx|A85|LZW|RL|Crypt)\b"
    rb"|/Predictor\s+(?:[2-9]|1\d)"
)
_TWICE_PACKED = re.compile(rb"/(?:FlateDecode|Fl)\s*/(?:FlateDecode|Fl|LZWDecode|LZW)\b")
_FLATE = re.compile(rb"/(?:FlateDecode|Fl)\b")
_EDGE = re.compile(rb"/(Width|Height)\s+(\d{1,12})\b")
# Another kind of file that a browser or an unpacker would find in it.
_MARKUP = re.compile(rb"<(?:script|html|svg|iframe|\?php|!doctype)\b", re.IGNORECASE)
_DICTIONARY = 2048
_MOST_OBJECTS = 64 << 20
_MOST_UNPACKED = 512 << 20
_BOMB_FROM = 16 << 20
_BOMB_RATIO = 250
_MOST_SCANNED_PIXELS = 160_000_000
_MOST_STREAMS = 20_000
_MOST_ESCAPES = 20_000
_STEP = 1 << 16
_PIECE = 1 << 20


def look_over(content: bytes) -> None:
    """Raise RefusedError `documents.broken`, `.two_in_one`, `.active_pdf` or `.pdf_bomb`."""
    end = content.rfind(b"%%EOF")
    if end < 0:
        raise RefusedError("documents.broken")
    behind = content[end + 5 :]
    if zipfile.is_zipfile(io.BytesIO(content)) or _MARKUP.search(content[:1024]) or _MARKUP.search(behind):
        raise RefusedError("documents.two_in_one")
    if len(behind.strip(b"\r\n\t \0")) > _DICTIONARY:
        raise RefusedError("documents.broken")
    if _acts(content):
        raise RefusedError("documents.active_pdf")
    _look_into_streams(content)


def _acts(content: bytes) -> bool:
    # A name may be written with escapes: `/J#61vaScript`.
    plain, escapes = _ESCAPE.subn(lambda hit: bytes([int(hit[1], 16)]), content, _MOST_ESCAPES + 1)
    # By chance there are some hundreds of them in what is packed.
    return escapes > _MOST_ESCAPES or _ACTS.search(plain) is not None


def _look_into_streams(content: bytes) -> None:
    """Unpack what is packed, piece by piece: nothing may hide in it, and nothing may unfold without end."""
    objects = unpacked = 0
    for count, hit in enumerate(_STREAM.finditer(content)):
        if count > _MOST_STREAMS:
            raise RefusedError("documents.pdf_bomb")
        head = content[max(0, hit.start() - _DICTIONARY) : hit.start()]
        head = _ESCAPE.sub(lambda sign: bytes([int(sign[1], 16)]), head[head.rfind(b"obj") + 3 :])
        if _TWICE_PACKED.search(head) or _scanned_pixels(head) > _MOST_SCANNED_PIXELS:
            raise RefusedError("documents.pdf_bomb")
        holds_objects = _OBJECTS.search(head) is not None
        if holds_objects and _ODDLY_PACKED.search(head):
            raise RefusedError("documents.active_pdf")
        if not _FLATE.search(head):
            continue
        for piece, taken in _unfolded(content, hit.end()):
            unpacked += len(piece)
            objects += len(piece) if holds_objects else 0
            if objects > _MOST_OBJECTS or unpacked > _MOST_UNPACKED or taken:
                raise RefusedError("documents.pdf_bomb")
            if holds_objects and _acts(piece):
                raise RefusedError("documents.active_pdf")


def _scanned_pixels(head: bytes) -> int:
    edges = {name: int(size) for name, size in _EDGE.findall(head)}
    return edges.get(b"Width", 0) * edges.get(b"Height", 0)


def _unfolded(content: bytes, start: int) -> Iterator[tuple[bytes, bool]]:
    """Give what a packed stream holds, in overlapping pieces, and whether it has grown beyond all reason."""
    unpacker = zlib.decompressobj()
    left, seen, tail = memoryview(content)[start:], 0, b""
    used = 0
    while used < len(left) or unpacker.unconsumed_tail:
        given = unpacker.unconsumed_tail or bytes(left[used : used + _STEP])
        if not unpacker.unconsumed_tail:
            used += len(given)
        try:
            piece = unpacker.decompress(given, _PIECE)
        except zlib.error:
            return  # packed in another way, or not packed: then it was read as it is
        seen += len(piece)
        read = used - len(unpacker.unconsumed_tail) - len(unpacker.unused_data)
        yield tail + piece, seen > _BOMB_FROM and seen > _BOMB_RATIO * max(read, 1)
        tail = piece[-64:]
        if unpacker.eof:
            return
