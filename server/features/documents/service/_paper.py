"""Drawing a paper: A4, from the top down, as many pages as it takes."""

from __future__ import annotations

import io
from dataclasses import dataclass

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from server.features.documents.service._setting import draw_code, write_line
from server.kit.fonts import BOLD, TEXT, wrap
from server.kit.fonts import width as line_width

WIDTH, HEIGHT = A4
MARGIN = 25 * mm
LABEL_WIDTH = 42 * mm
QR_EDGE = 30 * mm
LINE = 6 * mm
ROW_EDGE = 3 * mm


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
    verify_url: str | None
    verify_hint: str
    watermark: str | None


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
        for line in wrap(("\u3000\u3000" if indent else "") + words, TEXT, 12, WIDTH - 2 * MARGIN):
            self._need(7 * mm)
            self._write(line, MARGIN, TEXT, 12)
            self._y -= 7 * mm
        self._y -= 2 * mm

    def table(self, rows: list[tuple[str, str]]) -> None:
        for label, value in rows:
            labels = wrap(label, TEXT, 11, LABEL_WIDTH - 6 * mm)
            values = wrap(value, TEXT, 11, WIDTH - 2 * MARGIN - LABEL_WIDTH - 6 * mm)
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
            self._write(words, WIDTH - MARGIN - line_width(words, TEXT, 12), TEXT, 12)
            self._y -= 8 * mm
        if self._paper.verify_url is None:
            return
        draw_code(self._canvas, self._paper.verify_url, MARGIN, self._y - QR_EDGE + 16 * mm, QR_EDGE)
        self._y = self._y - QR_EDGE + 11 * mm
        self._write(self._paper.verify_hint, MARGIN, TEXT, 9)

    def _mark(self) -> None:
        if self._paper.watermark is None:
            return
        self._canvas.saveState()
        self._canvas.setFillGray(0.9)
        self._canvas.translate(WIDTH / 2, HEIGHT / 2)
        self._canvas.rotate(40)
        write_line(self._canvas, self._paper.watermark, -line_width(self._paper.watermark, BOLD, 110) / 2, 0, BOLD, 110)
        self._canvas.restoreState()

    def _need(self, tall: float) -> None:
        if self._y - tall < MARGIN:
            self._canvas.showPage()
            self._y = HEIGHT - MARGIN
            self._mark()

    def _centred(self, words: str, font: str, size: float) -> None:
        self._write(words, (WIDTH - line_width(words, font, size)) / 2, font, size)
        self._y -= size * 1.6

    def _write(self, words: str, x: float, font: str, size: float) -> None:
        self._canvas.setFillGray(0.1)
        write_line(self._canvas, words, x, self._y, font, size)
