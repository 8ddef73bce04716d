"""Drawing a paper: A4, TrueType fonts embedded, rare characters from a second font, a missing one is an error."""

from __future__ import annotations

import functools
import io
import sys
from dataclasses import dataclass
from pathlib import Path

import qrcode
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

# Put there by the set-up (`requirements/install fonts`); CFF fonts and CID fonts do not print everywhere.
FONTS = Path(sys.prefix) / "share" / "fonts"
TEXT, BOLD, RARE = "NotoSansSC_400Regular", "NotoSansSC_700Bold", "NotoSansHK_400Regular"

WIDTH, HEIGHT = A4
MARGIN = 25 * mm
LABEL_WIDTH = 42 * mm
QR_EDGE = 30 * mm
LINE = 6 * mm
ROW_EDGE = 3 * mm
NO_LINE_START = ",。、；：？！）》」』”’%．，"  # noqa: RUF001 - Chinese punctuation that may not begin a line


class FontMissingError(RuntimeError):
    """The fonts for papers are not installed. The message says how to mend it."""


class GlyphMissingError(ValueError):
    """No font of ours draws a character of this paper; printing a blank in a name is worse than not printing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """Everything a paper says, already in words. `rows` are drawn as a table, `lines` as paragraphs."""

    office: str
    title: str
    number: str
    greeting: str
    body: str
    rows: list[tuple[str, str]]
    lines: list[str]
    date: str
    verify_url: str
    verify_hint: str
    watermark: str | None


@functools.cache
def _font(name: str) -> TTFont:
    path = FONTS / f"{name}.ttf"
    if not path.is_file():
        msg = f"{path} is missing; `make demo` or `requirements/install fonts` puts it there"
        raise FontMissingError(msg)
    font = TTFont(name, str(path))
    pdfmetrics.registerFont(font)
    return font


def draw(paper: Paper) -> bytes:
    """Draw the paper as PDF bytes. Blocking: call it in a thread. Raises GlyphMissingError, FontMissingError."""
    sink = io.BytesIO()
    canvas = Canvas(sink, pagesize=A4, invariant=True)
    canvas.setTitle(f"{paper.title} {paper.number}")
    sheet = _Sheet(canvas, paper)
    sheet.head()
    sheet.paragraph(paper.greeting, indent=False)
    sheet.paragraph(paper.body)
    sheet.table(paper.rows)
    for line in paper.lines:
        sheet.paragraph(line)
    sheet.foot()
    canvas.save()
    return sink.getvalue()


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


def _width(words: str, font: str, size: float) -> float:
    return sum(pdfmetrics.stringWidth(part, name, size) for name, part in _runs(words, font))


def _wrap(words: str, font: str, size: float, width: float) -> list[str]:
    """Break a text into lines no wider than `width` points; closing punctuation hangs rather than begins a line."""
    lines = [""]
    room = width
    for letter in words:
        if letter == "\n":
            lines.append("")
            room = width
            continue
        step = _width(letter, font, size)
        if step > room and letter not in NO_LINE_START:
            lines.append("")
            room = width
        lines[-1] += letter
        room -= step
    return lines


class _Sheet:
    """One page after another, from the top down."""

    def __init__(self, canvas: Canvas, paper: Paper) -> None:
        self._canvas = canvas
        self._paper = paper
        self._y = HEIGHT - MARGIN
        self._mark()

    def head(self) -> None:
        self._centred(self._paper.office, BOLD, 14)
        self._y -= 4 * mm
        self._centred(self._paper.title, BOLD, 22)
        self._y -= 2 * mm
        self._centred(self._paper.number, TEXT, 11)
        self._y -= 8 * mm

    def paragraph(self, words: str, *, indent: bool = True) -> None:
        for line in _wrap(("\u3000\u3000" if indent else "") + words, TEXT, 12, WIDTH - 2 * MARGIN):
            self._need(7 * mm)
            self._write(line, MARGIN, TEXT, 12)
            self._y -= 7 * mm
        self._y -= 2 * mm

    def table(self, rows: list[tuple[str, str]]) -> None:
        for label, value in rows:
            labels = _wrap(label, TEXT, 11, LABEL_WIDTH - 6 * mm)
            values = _wrap(value, TEXT, 11, WIDTH - 2 * MARGIN - LABEL_WIDTH - 6 * mm)
            # A row that is longer than the page goes on in the next one.
            while labels or values:
                self._need(ROW_EDGE + LINE)
                fit = int((self._y - MARGIN - ROW_EDGE) // LINE)
                self._row(labels[:fit], values[:fit])
                labels, values = labels[fit:], values[fit:]
        self._y -= 8 * mm

    def _row(self, labels: list[str], values: list[str]) -> None:
        top = self._y
        tall = max(len(labels), len(values)) * LINE + ROW_EDGE
        self._canvas.setStrokeGray(0.7)
        for lines, x, width in (
            (labels, MARGIN, LABEL_WIDTH),
            (values, MARGIN + LABEL_WIDTH, WIDTH - 2 * MARGIN - LABEL_WIDTH),
        ):
            self._canvas.rect(x, top - tall, width, tall)
            self._y = top
            for line in lines:
                self._y -= LINE
                self._write(line, x + 3 * mm, TEXT, 11)
        self._y = top - tall

    def foot(self) -> None:
        self._need(QR_EDGE + 20 * mm)
        for words in (self._paper.office, self._paper.date):
            self._write(words, WIDTH - MARGIN - _width(words, TEXT, 12), TEXT, 12)
            self._y -= 8 * mm
        self._code(MARGIN, self._y - QR_EDGE + 16 * mm)
        self._y = self._y - QR_EDGE + 11 * mm
        self._write(self._paper.verify_hint, MARGIN, TEXT, 9)

    def _mark(self) -> None:
        if self._paper.watermark is None:
            return
        self._canvas.saveState()
        self._canvas.setFillGray(0.9)
        self._canvas.translate(WIDTH / 2, HEIGHT / 2)
        self._canvas.rotate(40)
        _font(BOLD)
        self._canvas.setFont(BOLD, 110)
        self._canvas.drawCentredString(0, 0, self._paper.watermark)
        self._canvas.restoreState()

    def _need(self, tall: float) -> None:
        if self._y - tall < MARGIN:
            self._canvas.showPage()
            self._y = HEIGHT - MARGIN
            self._mark()

    def _centred(self, words: str, font: str, size: float) -> None:
        self._write(words, (WIDTH - _width(words, font, size)) / 2, font, size)
        self._y -= size * 1.6

    def _write(self, words: str, x: float, font: str, size: float) -> None:
        self._canvas.setFillGray(0.1)
        for name, part in _runs(words, font):
            self._canvas.setFont(name, size)
            self._canvas.drawString(x, self._y, part)
            x += pdfmetrics.stringWidth(part, name, size)

    def _code(self, x: float, y: float) -> None:
        code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
        code.add_data(self._paper.verify_url)
        matrix = code.get_matrix()
        edge = QR_EDGE / len(matrix)
        self._canvas.setFillGray(0)
        for down, line in enumerate(matrix):
            for across, dark in enumerate(line):
                if dark:
                    self._canvas.rect(x + across * edge, y + QR_EDGE - (down + 1) * edge, edge, edge, stroke=0, fill=1)
