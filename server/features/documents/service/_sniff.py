"""What an upload really is. The name and the declared type are only claims; the bytes decide.

Pictures are drawn anew, so that place and device data, hidden archives and scripts behind the picture stay behind.
"""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import dataclass

from PIL import Image, ImageOps

from server.errors import InvalidInput, TooLarge

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
THUMB_EDGE = 320
JPEG_QUALITY = 88
SPARING_QUALITY = 70

_MAGIC = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg", "JPEG"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png", "PNG"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp", "WEBP"),
    (re.compile(rb"%PDF-1\.[0-9]|%PDF-2\.0"), "application/pdf", ""),
)
# Names in a PDF that make it act instead of being read (ISO 32000-1 12.6), and encryption, which nobody could review.
# All are too long to stand in a scanned page's compressed bytes by chance; `/JS` alone would be in every third.
_PDF_ACTS = re.compile(rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|Rendition|Encrypt)\b|/XFA[\s\[<\d]")
_PDF_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
# Since PDF 1.5 such names may lie inside compressed objects.
_PDF_OBJECTS = re.compile(rb"/ObjStm\b.{0,400}?stream\r?\n", re.DOTALL)
_MOST_PACKED = 1 << 20
_MOST_UNPACKED = 4 << 20
_MOST_UNPACKED_TOGETHER = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """What is kept of an upload."""

    content: bytes
    media_type: str
    thumb: bytes | None


def clean(content: bytes) -> Clean:
    """Turn received bytes into what is kept. Blocking: call it in a thread.

    Raises InvalidInput (`documents.empty`, `.type_refused`, `.broken`, `.too_many_pixels`, `.active_pdf`) or TooLarge.
    """
    if not content:
        raise InvalidInput("documents.empty")
    if len(content) > MOST_BYTES:
        raise TooLarge("too_large")
    for magic, media_type, image_format in _MAGIC:
        if magic.match(content):
            return _picture(content, media_type, image_format) if image_format else _pdf(content)
    raise InvalidInput("documents.type_refused")


def _pdf(content: bytes) -> Clean:
    if b"%%EOF" not in content[-2048:]:
        raise InvalidInput("documents.broken")
    if _acts(content) or _hides_acts(content):
        raise InvalidInput("documents.active_pdf")
    return Clean(content=content, media_type="application/pdf", thumb=None)


def _acts(content: bytes) -> bool:
    # A name may be written with escapes: `/J#61vaScript`.
    plain = _PDF_ESCAPE.sub(lambda hit: bytes([int(hit[1], 16)]), content)
    return _PDF_ACTS.search(plain) is not None


def _hides_acts(content: bytes) -> bool:
    seen = 0
    for hit in _PDF_OBJECTS.finditer(content):
        try:
            packed = content[hit.end() : hit.end() + _MOST_PACKED]
            objects = zlib.decompressobj().decompress(packed, _MOST_UNPACKED)
        except zlib.error:
            continue  # packed in another way, or not packed: then it was read as it is
        seen += len(objects)
        # What is too much to look through could hide anything.
        if seen > _MOST_UNPACKED_TOGETHER or _acts(objects):
            return True
    return False


def _picture(content: bytes, media_type: str, image_format: str) -> Clean:
    try:
        with Image.open(io.BytesIO(content), formats=[image_format]) as opened:
            # Before any pixel is decoded: a 20 KB file may unfold to a gigabyte.
            if opened.width * opened.height > MOST_PIXELS:
                raise InvalidInput("documents.too_many_pixels")
            upright = _plain(ImageOps.exif_transpose(opened))
    except InvalidInput:
        raise
    except Image.DecompressionBombError as bomb:
        raise InvalidInput("documents.too_many_pixels") from bomb
    except Exception as broken:
        # A hostile file can make a decoder raise anything.
        raise InvalidInput("documents.broken") from broken
    kept = _encode(upright, image_format)
    if len(kept) > MOST_BYTES:
        # Drawn anew it may grow beyond what was sent; the person has sent no more than we take.
        kept, media_type = _encode(upright, "JPEG", SPARING_QUALITY), "image/jpeg"
    if len(kept) > MOST_BYTES:
        raise TooLarge("too_large")
    small = upright.convert("RGB")
    small.thumbnail((THUMB_EDGE, THUMB_EDGE))
    return Clean(content=kept, media_type=media_type, thumb=_encode(small, "JPEG"))


def _plain(picture: Image.Image) -> Image.Image:
    """Decode the pixels into one of the modes that all our formats can write."""
    if picture.mode.startswith("I"):
        # 16 grey levels a step; Pillow would cut them off instead of scaling.
        return picture.convert("I").point(lambda level: level / 256).convert("L")
    plain = "RGBA" if picture.has_transparency_data else "L" if picture.mode in {"1", "L"} else "RGB"
    return picture.convert(plain)


def _encode(picture: Image.Image, image_format: str, quality: int = JPEG_QUALITY) -> bytes:
    sink = io.BytesIO()
    if image_format == "JPEG":
        picture.convert("RGB").save(sink, "JPEG", quality=quality, optimize=True)
    else:
        # Onto a new picture, which has nothing but pixels.
        bare = Image.new(picture.mode, picture.size)
        bare.paste(picture)
        bare.save(sink, image_format)
    return sink.getvalue()
