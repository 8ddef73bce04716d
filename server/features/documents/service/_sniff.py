"""What an upload really is. The name and the declared type are only claims; the bytes decide.

Pictures are drawn anew, so that place and device data, hidden archives and scripts behind the picture stay behind.
Run as a program (see `_cleaner`) it knows nothing of ours: what a hostile file does to a decoder, it does to that
process alone. It imports nothing of the project for that reason.
"""

from __future__ import annotations

import io
import json
import os
import re
import resource
import select
import signal
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageOps

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
# An A4 page at 400 dpi: more is not better to read, and costs everybody who opens it.
KEPT_PIXELS = 16_000_000
THUMB_EDGE = 320
JPEG_QUALITY = 88
SPARING_QUALITY = 70
# How hard to pack: a little larger in half the time.
_SPEED: dict[str, dict[str, int]] = {"PNG": {"compress_level": 4}, "WEBP": {"quality": 88, "method": 2}}
# What a decoder may take before it is stopped, and how long the program waits for the next file.
MOST_MEMORY = 768 << 20
IDLE = 60
HEAD = struct.Struct(">I")

_MAGIC = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg", "JPEG"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png", "PNG"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp", "WEBP"),
    (re.compile(rb"%PDF-1\.[0-9]|%PDF-2\.0"), "application/pdf", ""),
)
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


class RefusedError(Exception):
    """The file is not taken; the message is the code of the refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """What is kept of an upload."""

    content: bytes
    media_type: str
    thumb: bytes | None


def clean(content: bytes) -> Clean:
    """Turn received bytes into what is kept.

    Raises RefusedError: `documents.empty`, `.type_refused`, `.broken`, `.too_many_pixels`, `.active_pdf`, `.pdf_bomb`,
    `.two_in_one` or `too_large`.
    """
    if not content:
        raise RefusedError("documents.empty")
    if len(content) > MOST_BYTES:
        raise RefusedError("too_large")
    for magic, media_type, image_format in _MAGIC:
        if magic.match(content):
            return _picture(content, media_type, image_format) if image_format else _pdf(content)
    raise RefusedError("documents.type_refused")


def _pdf(content: bytes) -> Clean:
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
    return Clean(content=content, media_type="application/pdf", thumb=None)


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


def _picture(content: bytes, media_type: str, image_format: str) -> Clean:
    try:
        with Image.open(io.BytesIO(content), formats=[image_format]) as opened:
            # Before any pixel is decoded: a 20 KB file may unfold to a gigabyte.
            if opened.width * opened.height > MOST_PIXELS:
                raise RefusedError("documents.too_many_pixels")
            upright = _upright(opened)
    except RefusedError:
        raise
    except Image.DecompressionBombError as bomb:
        raise RefusedError("documents.too_many_pixels") from bomb
    except Exception as broken:
        # A hostile file can make a decoder raise anything.
        raise RefusedError("documents.broken") from broken
    kept = _encode(upright, image_format)
    if len(kept) > MOST_BYTES:
        # Drawn anew it may grow beyond what was sent; the person has sent no more than we take.
        kept, media_type = _encode(upright, "JPEG", SPARING_QUALITY), "image/jpeg"
    if len(kept) > MOST_BYTES:
        raise RefusedError("too_large")
    upright.thumbnail((THUMB_EDGE, THUMB_EDGE))
    return Clean(content=kept, media_type=media_type, thumb=_encode(upright, "JPEG"))


def _upright(opened: Image.Image) -> Image.Image:
    """Decode hardly more pixels than are kept, and turn them the way they were taken."""
    if opened.width * opened.height > KEPT_PIXELS:
        # A JPEG is decoded at half its edges straight away, the others are made smaller afterwards.
        opened.draft(None, (opened.width // 2, opened.height // 2))
    picture = opened
    if picture.width * picture.height > KEPT_PIXELS and picture.mode in {"L", "RGB", "RGBA"}:
        picture = opened.reduce(2)
        opened.close()
    plain = _plain(ImageOps.exif_transpose(picture))
    edge = (KEPT_PIXELS / (plain.width * plain.height)) ** 0.5
    if edge < 1:
        plain.thumbnail((int(plain.width * edge), int(plain.height * edge)))
    return plain


def _plain(picture: Image.Image) -> Image.Image:
    """Decode the pixels into one of the modes that all our formats can write."""
    if picture.mode.startswith("I"):
        # 16 grey levels a step; Pillow would cut them off instead of scaling.
        return picture.convert("I").point(lambda level: level / 256).convert("L")
    plain = "RGBA" if picture.has_transparency_data else "L" if picture.mode in {"1", "L"} else "RGB"
    bare = Image.new(plain, picture.size)
    # Onto a new picture, which has nothing but pixels.
    bare.paste(picture if picture.mode == plain else picture.convert(plain))
    return bare


def _encode(picture: Image.Image, image_format: str, quality: int = JPEG_QUALITY) -> bytes:
    sink = io.BytesIO()
    if image_format == "JPEG":
        bare = picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")
        bare.save(sink, "JPEG", quality=quality, optimize=True)
    else:
        picture.save(sink, image_format, **_SPEED[image_format])
    return sink.getvalue()


def serve() -> None:
    """Clean one file after the other: a length and the bytes come in, a length and JSON, then the bytes go out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends who asks; then there is nothing more to read
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    os.nice(5)
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    while select.select([incoming], [], [], IDLE)[0]:
        head = incoming.read(HEAD.size)
        if len(head) < HEAD.size:
            return
        kept = b""
        thumb = b""
        try:
            done = clean(incoming.read(HEAD.unpack(head)[0]))
            kept, thumb = done.content, done.thumb or b""
            said = {"media_type": done.media_type, "size": len(kept), "thumb": len(thumb)}
        except RefusedError as refused:
            said = {"refused": str(refused)}
        except MemoryError:
            said = {"refused": "documents.broken"}
        line = json.dumps(said).encode()
        outgoing.write(HEAD.pack(len(line)) + line)
        outgoing.write(kept)
        outgoing.write(thumb)
        outgoing.flush()


if __name__ == "__main__":
    serve()
