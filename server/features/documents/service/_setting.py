"""Setting type on a PDF page: TrueType fonts embedded, rare characters from a second font, a missing one an error."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

import qrcode
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

# Put there by the set-up (`requirements/install fonts`); CFF fonts and CID fonts do not print everywhere.
FONTS = Path(sys.prefix) / "share" / "fonts"
TEXT, BOLD, RARE = "NotoSansSC_400Regular", "NotoSansSC_700Bold", "NotoSansHK_400Regular"
NO_LINE_START = ",。、；：？！）》」』”’%．，"  # noqa: RUF001 - Chinese punctuation that may not begin a line


class FontMissingError(RuntimeError):
    """The fonts for papers are not installed. The message says how to mend it."""


class GlyphMissingError(ValueError):
    """No font of ours draws a character of this paper; printing a blank in a name is worse than not printing."""


@functools.cache
def _font(name: str) -> TTFont:
    path = FONTS / f"{name}.ttf"
    if not path.is_file():
        msg = f"{path} is missing; `make demo` or `requirements/install fonts` puts it there"
        raise FontMissingError(msg)
    font = TTFont(name, str(path))
    pdfmetrics.registerFont(font)
    return font


def unprintable(words: str) -> str:
    """List the characters that no font of ours draws, each once. Blocking the first time: fonts are read."""
    return "".join(dict.fromkeys(letter for letter in words if letter != "\n" and _face(letter, TEXT) is None))


def _face(letter: str, font: str) -> str | None:
    return next((name for name in (font, RARE) if ord(letter) in _font(name).face.charToGlyph), None)


def _runs(words: str, font: str) -> list[tuple[str, str]]:
    """Split a text into stretches that one font can draw."""
    runs: list[tuple[str, str]] = []
    for letter in words:
        name = _face(letter, font)
        if name is None:
            msg = f"no font draws U+{ord(letter):04X}"
            raise GlyphMissingError(msg)
        if runs and runs[-1][0] == name:
            runs[-1] = (name, runs[-1][1] + letter)
        else:
            runs.append((name, letter))
    return runs


def line_width(words: str, font: str, size: float) -> float:
    """Measure one line in points. Raises GlyphMissingError, FontMissingError."""
    return sum(pdfmetrics.stringWidth(part, name, size) for name, part in _runs(words, font))


def wrap(words: str, font: str, size: float, width: float) -> list[str]:
    """Break a text into lines no wider than `width` points; closing punctuation hangs rather than begins a line."""
    lines = [""]
    room = width
    for letter in words:
        if letter == "\n":
            lines.append("")
            room = width
            continue
        step = line_width(letter, font, size)
        if step > room and letter not in NO_LINE_START:
            lines.append("")
            room = width
        lines[-1] += letter
        room -= step
    return lines


def write_line(canvas: Canvas, words: str, x: float, y: float, font: str, size: float) -> None:
    """Write one line from `x` on, in the colour the canvas has. Raises GlyphMissingError, FontMissingError."""
    for name, part in _runs(words, font):
        canvas.setFont(name, size)
        canvas.drawString(x, y, part)
        x += pdfmetrics.stringWidth(part, name, size)


def draw_code(canvas: Canvas, address: str, x: float, y: float, edge: float) -> None:
    """Draw the QR of an address with its quiet border, `edge` points wide, in lines rather than a picture."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(address)
    matrix = code.get_matrix()
    step = edge / len(matrix)
    path = canvas.beginPath()
    for down, line in enumerate(matrix):
        start: int | None = None
        for across, dark in enumerate([*line, False]):
            if dark and start is None:
                start = across
            elif not dark and start is not None:
                path.rect(x + start * step, y + edge - (down + 1) * step, (across - start) * step, step)
                start = None
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)
