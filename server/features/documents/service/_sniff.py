"""What an upload really is. The name and the declared type are only claims; the bytes decide.

Pictures are drawn anew, so that place and device data, hidden archives and scripts behind the picture stay behind.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from server.errors import InvalidInput, TooLarge

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
THUMB_EDGE = 320
JPEG_QUALITY = 88

_MAGIC = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg", "JPEG"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png", "PNG"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp", "WEBP"),
    (re.compile(rb"%PDF-1\.[0-9]|%PDF-2\.0"), "application/pdf", ""),
)
# Names in a PDF that make it act instead of being read (ISO 32000-1 12.6), and encryption, which nobody could review.
_PDF_ACTS = re.compile(rb"/(JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA|Encrypt)\b")


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
    if _PDF_ACTS.search(content):
        raise InvalidInput("documents.active_pdf")
    return Clean(content=content, media_type="application/pdf", thumb=None)


def _picture(content: bytes, media_type: str, image_format: str) -> Clean:
    try:
        with Image.open(io.BytesIO(content), formats=[image_format]) as opened:
            # Before any pixel is decoded: a 20 KB file may unfold to a gigabyte.
            if opened.width * opened.height > MOST_PIXELS:
                raise InvalidInput("documents.too_many_pixels")
            upright = ImageOps.exif_transpose(opened)
            upright.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as broken:
        raise InvalidInput("documents.broken") from broken
    kept = _encode(upright, image_format)
    if len(kept) > MOST_BYTES:
        raise TooLarge("too_large")
    small = upright.convert("RGB")
    small.thumbnail((THUMB_EDGE, THUMB_EDGE))
    return Clean(content=kept, media_type=media_type, thumb=_encode(small, "JPEG"))


def _encode(picture: Image.Image, image_format: str) -> bytes:
    sink = io.BytesIO()
    if image_format == "JPEG":
        picture.convert("RGB").save(sink, "JPEG", quality=JPEG_QUALITY, optimize=True)
    else:
        plain = picture if picture.mode in {"L", "LA", "RGB", "RGBA"} else picture.convert("RGBA")
        bare = Image.new(plain.mode, plain.size)
        bare.paste(plain)
        bare.save(sink, image_format)
    return sink.getvalue()
