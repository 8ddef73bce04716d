"""A drawing as PNG and as PDF. Blocking: call it in a thread."""

from __future__ import annotations

import functools
import io

import qrcode
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from server.features.certificates.service._layout import INK, QUIET, Box, Look, Words
from server.kit import fonts

# Points to pixels, by whether it is wider than tall: about as many as a telephone shows across.
ACROSS, UPRIGHT = 2.0, 1.5
MARK, MARK_SIZE, MARK_TURN = "#8a8f99", 0.2, 28
PAGE_MARGIN, QR_EDGE = 40.0, 142.0
# 60 by 90 mm, as label printers have it.
LABEL = (170.0, 255.0)
# Run lengths (zlib's Z_RLE): for flat colours and letters twice as fast as looking for repetitions, and as small.
COMPRESS_LEVEL, RUN_LENGTHS = 1, 3


def png(look: Look) -> bytes:
    """Draw it as a picture. Raises GlyphMissingError, FontMissingError."""
    scale = ACROSS if look.wide > look.tall else UPRIGHT
    sheet = Image.new("RGB", (int(look.wide * scale), int(look.tall * scale)), "white")
    draw = ImageDraw.Draw(sheet)
    for one in look.items:
        if isinstance(one, Words):
            _type(draw, one, scale)
        elif one.edge:
            draw.rectangle(_corners(one, scale), outline=one.colour, width=int(one.edge * scale))
        else:
            draw.rectangle(_corners(one, scale), fill=one.colour)
    if look.watermark:
        mask = _watermark(look.watermark, sheet.width)
        place = ((sheet.width - mask.width) // 2, (sheet.height - mask.height) // 2)
        sheet.paste(MARK, (*place, place[0] + mask.width, place[1] + mask.height), mask)
    sink = io.BytesIO()
    sheet.save(sink, "PNG", compress_level=COMPRESS_LEVEL, compress_type=RUN_LENGTHS)
    return sink.getvalue()


def _type(draw: ImageDraw.ImageDraw, one: Words, scale: float) -> None:
    x = one.x
    for name, part in fonts.runs(one.text, one.font):
        draw.text((x * scale, one.y * scale), part, fill=one.colour, font=_sized(name, one.size * scale), anchor="ls")
        x += pdfmetrics.stringWidth(part, name, one.size)


@functools.lru_cache(maxsize=32)
def _sized(name: str, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(fonts.path(name)), size)


@functools.lru_cache(maxsize=8)
def _watermark(words: str, wide: int) -> Image.Image:
    """Write aslant: how dark it is where."""
    layer = Image.new("L", (wide, wide), 0)
    font = _sized(fonts.BOLD, wide * MARK_SIZE)
    ImageDraw.Draw(layer).text((wide / 2, wide / 2), words, fill=84, font=font, anchor="mm")
    turned = layer.rotate(MARK_TURN, resample=Image.Resampling.BILINEAR)
    return turned.crop(turned.getbbox())


def _corners(box: Box, scale: float) -> tuple[float, float, float, float]:
    return box.x * scale, box.y * scale, (box.x + box.wide) * scale - 1, (box.y + box.tall) * scale - 1


def pdf(look: Look, title: str, code: str | None, lines: list[str]) -> bytes:
    """Draw it on A4, with a code below it where there is one, and what to do with it. Raises as `png`."""
    page, tall = A4
    below = QR_EDGE + 16 if code else 20.0 * len(lines) + 10
    room = (page - 2 * PAGE_MARGIN, tall - 2 * PAGE_MARGIN - below)
    scale = min(1.0, room[0] / look.wide, room[1] / look.tall)
    sink = io.BytesIO()
    canvas = Canvas(sink, pagesize=A4, invariant=True)
    canvas.setTitle(title)
    canvas.saveState()
    canvas.translate((page - look.wide * scale) / 2, tall - PAGE_MARGIN)
    canvas.scale(scale, scale)
    _paint(canvas, look)
    canvas.restoreState()
    foot = tall - PAGE_MARGIN - look.tall * scale
    left = PAGE_MARGIN
    if code:
        _code(canvas, code, left, foot - 12 - QR_EDGE)
        left += QR_EDGE + 20
    foot -= 34
    for line in lines:
        for part in fonts.wrap(line, fonts.TEXT, 11, page - PAGE_MARGIN - left):
            _write(canvas, Words(part, left, 0, 11, fonts.TEXT, QUIET), foot)
            foot -= 18
    canvas.save()
    return sink.getvalue()


def _paint(canvas: Canvas, look: Look) -> None:
    for one in look.items:
        if isinstance(one, Words):
            _write(canvas, one, -one.y)
            continue
        canvas.setFillColor(HexColor(one.colour))
        canvas.setStrokeColor(HexColor(one.colour))
        canvas.setLineWidth(one.edge)
        inset = one.edge / 2
        canvas.rect(
            one.x + inset, -one.y - one.tall + inset, one.wide - one.edge, one.tall - one.edge,
            stroke=1 if one.edge else 0, fill=0 if one.edge else 1,
        )  # fmt: skip
    if look.watermark:
        canvas.saveState()
        canvas.translate(look.wide / 2, -look.tall / 2)
        canvas.rotate(MARK_TURN)
        canvas.setFillColor(HexColor(MARK), alpha=0.33)
        fonts.font(fonts.BOLD)
        canvas.setFont(fonts.BOLD, look.wide * MARK_SIZE)
        canvas.drawCentredString(0, -look.wide * MARK_SIZE / 3, look.watermark)
        canvas.restoreState()


def _write(canvas: Canvas, one: Words, y: float) -> None:
    canvas.setFillColor(HexColor(one.colour))
    x = one.x
    for name, part in fonts.runs(one.text, one.font):
        canvas.setFont(name, one.size)
        canvas.drawString(x, y, part)
        x += pdfmetrics.stringWidth(part, name, one.size)


def _code(canvas: Canvas, words: str, x: float, y: float) -> None:
    made = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_L, border=2)
    made.add_data(words)
    matrix = made.get_matrix()
    edge = QR_EDGE / len(matrix)
    canvas.setFillColor(HexColor(INK))
    for down, line in enumerate(matrix):
        start = 0
        for across, dark in enumerate([*line, False]):
            if not dark:
                if across > start:
                    top = y + QR_EDGE - (down + 1) * edge
                    canvas.rect(x + start * edge, top, (across - start) * edge, edge, stroke=0, fill=1)
                start = across + 1


def label(code: str, lines: list[str]) -> bytes:
    """Draw a code as a label of 60 by 90 mm, its words below. Raises as `png`."""
    wide, tall = LABEL
    sink = io.BytesIO()
    canvas = Canvas(sink, pagesize=LABEL, invariant=True)
    _code(canvas, code, (wide - QR_EDGE) / 2, tall - QR_EDGE - 16)
    y = tall - QR_EDGE - 38
    for line in lines:
        size = min(12.0, 12.0 * (wide - 16) / max(1.0, fonts.width(line, fonts.BOLD, 12)))
        _write(canvas, Words(line, (wide - fonts.width(line, fonts.BOLD, size)) / 2, 0, size, fonts.BOLD, INK), y)
        y -= 19
    canvas.save()
    return sink.getvalue()
