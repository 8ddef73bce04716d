"""Drawing a bulletin: as PDF to print, and as a workbook to go on with. Blocking: call it in a thread."""

from __future__ import annotations

import io
import re
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from server.features.documents import service as documents
from server.features.supervision.service._telling import Cell, Content, Section

# A cell that begins like this is a formula to a spreadsheet, whoever wrote it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARGIN = 18 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 28


def pdf(content: Content) -> bytes:
    """Draw the paper. Raises GlyphMissingError, FontMissingError."""
    for words in _words(content):
        documents.line_width(words, documents.TEXT, 9)
    title = ParagraphStyle("title", fontName=documents.BOLD, fontSize=18, leading=26, alignment=1, wordWrap="CJK")
    documents.line_width(content.title, documents.BOLD, 18)
    flow: list[Flowable] = [Paragraph(escape(content.title), title), Spacer(1, 4 * mm)]
    plain = ParagraphStyle("plain", fontName=documents.TEXT, fontSize=9, leading=13, wordWrap="CJK")
    flow += [Paragraph(escape(line), plain) for line in content.lines]
    for section in content.sections:
        flow += _section(section, plain)
    sink = io.BytesIO()
    SimpleDocTemplate(
        sink, pagesize=A4, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
        title=content.title, invariant=1,
    ).build(flow)  # fmt: skip
    return sink.getvalue()


def _section(section: Section, plain: ParagraphStyle) -> list[Flowable]:
    head = ParagraphStyle("head", parent=plain, fontName=documents.BOLD, fontSize=12, leading=18, spaceBefore=5 * mm)
    cells = [[Paragraph(escape(str(cell)), plain) for cell in row] for row in _lines(section)]
    first = 0.42 if len(section.head) > 2 else 0.3
    rest = (1 - first) / max(1, len(section.head) - 1)
    table = Table(
        cells, colWidths=[_WIDTH * (first if nth == 0 else rest) for nth in range(len(section.head))], repeatRows=1
    )
    table.setStyle(
        TableStyle([
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.lightgrey),
            ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#eef2f8")),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ])
    )  # fmt: skip
    return [Paragraph(escape(section.title), head), Spacer(1, 1 * mm), table]


def _lines(section: Section) -> list[list[Cell]]:
    return [[*section.head], *section.rows]


def _words(content: Content) -> list[str]:
    cells = [str(cell) for section in content.sections for row in _lines(section) for cell in row]
    return [*content.lines, *(section.title for section in content.sections), *cells]


def xlsx(content: Content) -> bytes:
    """Write the workbook: a sheet a table, nothing in it that a spreadsheet would run."""
    from openpyxl import Workbook  # noqa: PLC0415 - large, and only the worker writes workbooks
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - as above
    from openpyxl.styles import Font  # noqa: PLC0415 - as above

    book = Workbook(write_only=True)
    taken: set[str] = set()
    for section in content.sections:
        sheet = book.create_sheet(_sheet_name(section.title, taken))
        sheet.append([safe(words) for words in (content.title, *content.lines)])
        head = [WriteOnlyCell(sheet, value=safe(words)) for words in section.head]
        for cell in head:
            cell.font = Font(bold=True)
        sheet.append(head)
        for row in section.rows:
            sheet.append([safe(cell) for cell in row])
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def safe(cell: Cell) -> Cell:
    """Keep words from being run as a formula: an apostrophe before them makes them plain text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def _sheet_name(title: str, taken: set[str]) -> str:
    name = plain = _NOT_IN_A_NAME.sub(" ", title)[:_LONGEST_NAME]
    nth = 1
    while name.casefold() in taken:
        nth += 1
        name = f"{plain}{nth}"
    taken.add(name.casefold())
    return name
