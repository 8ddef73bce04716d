"""Drawing posters: the hall's and a window's fill a page, the counter's are four cards to cut apart."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from server.features.documents import service as documents
from server.features.ratings.models import Sheet
from server.kit.texts import text

# What hangs in a hall speaks the language of the place first, and the other beneath it.
LOCALES = ("zh-CN", "en")
WIDTH, HEIGHT = A4
_BLUE, _GREY, _INK = (0.09, 0.35, 0.65), (0.35, 0.4, 0.45), (0.1, 0.12, 0.15)
_MOST_SHRUNK = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """One poster: where it hangs, and the address in its code."""

    hall: str
    window: str
    address: str


class Printer:
    """Draws posters one after another into one PDF. Blocking, and read by one thread at a time."""

    def __init__(self, sheet: Sheet) -> None:
        self._sink = io.BytesIO()
        self._canvas = Canvas(self._sink, pagesize=A4, invariant=True, pageCompression=1)
        self._canvas.setTitle(text(LOCALES[0], "ratings.poster.title"))
        self._cards = sheet is Sheet.COUNTER
        self._drawn = 0

    def add(self, posters: Sequence[Poster]) -> None:
        """Draw some more. Raises GlyphMissingError, FontMissingError."""
        for poster in posters:
            place = self._drawn % 4
            if self._drawn and (not self._cards or place == 0):
                self._canvas.showPage()
            if self._cards:
                width, height = WIDTH / 2, HEIGHT / 2
                self._card(poster, place % 2 * width, HEIGHT - (place // 2 + 1) * height, width, height, 0.52)
            else:
                self._card(poster, 0, 0, WIDTH, HEIGHT, 1.0)
            self._drawn += 1

    def finish(self) -> bytes:
        """Give the PDF."""
        self._canvas.save()
        return self._sink.getvalue()

    def _card(self, poster: Poster, x: float, y: float, width: float, height: float, scale: float) -> None:
        if scale < 1:
            self._canvas.setStrokeColorRGB(0.8, 0.8, 0.8)
            self._canvas.rect(x, y, width, height)
        middle, top = x + width / 2, y + height
        room = width - 30 * mm * scale
        down = top - 38 * mm * scale
        down = self._centred(poster.hall, middle, down, 26 * scale, room, _INK)
        if poster.window:
            down = self._centred(poster.window, middle, down, 40 * scale, room, _BLUE)
        for locale, size, colour in ((LOCALES[0], 34 * scale, _INK), (LOCALES[1], 16 * scale, _GREY)):
            down = self._centred(text(locale, "ratings.poster.title"), middle, down, size, room, colour)
        edge = 112 * mm * scale
        documents.draw_code(self._canvas, poster.address, middle - edge / 2, down - edge, edge)
        down -= edge + 10 * mm * scale
        for key in ("how", "free"):
            for locale, size in zip(LOCALES, (17 * scale, 11 * scale), strict=True):
                down = self._centred(text(locale, f"ratings.poster.{key}"), middle, down, size, room, _GREY)

    def _centred(
        self, words: str, middle: float, y: float, size: float, room: float, colour: tuple[float, float, float]
    ) -> float:
        width = documents.line_width(words, documents.BOLD, size)
        # A long name is written smaller rather than over the edge.
        size *= max(_MOST_SHRUNK, min(1.0, room / width))
        self._canvas.setFillColorRGB(*colour)
        left = middle - documents.line_width(words, documents.BOLD, size) / 2
        documents.write_line(self._canvas, words, left, y, documents.BOLD, size)
        return y - size * 1.55
