"""The fonts of papers and pictures: TrueType, a second one for rare characters, a missing glyph is an error."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

if TYPE_CHECKING:
    from collections.abc import Iterable

# Put there by the set-up (`requirements/install fonts`); CFF fonts and CID fonts do not print everywhere.
FONTS = Path(sys.prefix) / "share" / "fonts"
TEXT, BOLD, RARE = "NotoSansSC_400Regular", "NotoSansSC_700Bold", "NotoSansHK_400Regular"
NO_LINE_START = ",。、；：？！）》」』”’%．，"  # noqa: RUF001 - Chinese punctuation that may not begin a line


class FontMissingError(RuntimeError):
    """The fonts for papers are not installed. The message says how to mend it."""


class GlyphMissingError(ValueError):
    """No font of ours draws a character; printing a blank in a name is worse than not printing."""


def path(name: str) -> Path:
    """Give the file of a font. Raises FontMissingError."""
    found = FONTS / f"{name}.ttf"
    if not found.is_file():
        msg = f"{found} is missing; `make demo` or `requirements/install fonts` puts it there"
        raise FontMissingError(msg)
    return found


@functools.cache
def font(name: str) -> TTFont:
    """Read a font and make it known to PDF. Blocking the first time. Raises FontMissingError."""
    read = TTFont(name, str(path(name)))
    pdfmetrics.registerFont(read)
    return read


def face(letter: str, name: str) -> str | None:
    """Name the font that draws a letter: the wanted one, or the second; None if neither does."""
    return next((one for one in (name, RARE) if ord(letter) in font(one).face.charToGlyph), None)


def runs(words: str, name: str) -> list[tuple[str, str]]:
    """Split a text into stretches of (font, text) that one font can draw. Raises GlyphMissingError."""
    found: list[tuple[str, str]] = []
    for letter in words:
        drawn = face(letter, name)
        if drawn is None:
            msg = f"no font draws U+{ord(letter):04X}"
            raise GlyphMissingError(msg)
        if found and found[-1][0] == drawn:
            found[-1] = (drawn, found[-1][1] + letter)
        else:
            found.append((drawn, letter))
    return found


def width(words: str, name: str, size: float) -> float:
    """Measure a text in points. Raises GlyphMissingError."""
    return sum(pdfmetrics.stringWidth(part, one, size) for one, part in runs(words, name))


def wrap(words: str, name: str, size: float, wide: float) -> list[str]:
    """Break a text into lines no wider than `wide` points; closing punctuation hangs rather than begins a line."""
    lines = [""]
    room = wide
    for letter in words:
        if letter == "\n":
            lines.append("")
            room = wide
            continue
        step = width(letter, name, size)
        if step > room and letter not in NO_LINE_START:
            lines.append("")
            room = wide
        lines[-1] += letter
        room -= step
    return lines


def unprintable(words: Iterable[str]) -> str:
    """List the characters that no font of ours draws, each once. Blocking the first time: fonts are read."""
    return "".join(dict.fromkeys(letter for letter in words if letter != "\n" and face(letter, TEXT) is None))
