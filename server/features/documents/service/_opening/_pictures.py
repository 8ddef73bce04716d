"""Pictures are drawn anew, so that place and device data, hidden archives and scripts behind them stay behind."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from . import JPEG_QUALITY, MOST_BYTES, THUMB_EDGE, Clean, RefusedError

MOST_PIXELS = 40_000_000
# An A4 page at 400 dpi: more is not better to read, and costs everybody who opens it.
KEPT_PIXELS = 16_000_000
SPARING_QUALITY = 70
# How hard to pack: a little larger in half the time.
_SPEED: dict[str, dict[str, int]] = {"PNG": {"compress_level": 4}, "WEBP": {"quality": 88, "method": 2}}


def redrawn(content: bytes, media_type: str, image_format: str) -> Clean:
    """Raise RefusedError `documents.too_many_pixels`, `.broken` or `too_large`."""
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
    width, height = upright.size
    upright.thumbnail((THUMB_EDGE, THUMB_EDGE))
    return Clean(content=kept, media_type=media_type, thumb=_encode(upright, "JPEG"), width=width, height=height)


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
