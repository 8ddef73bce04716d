"""Setting type on a PDF page, in the fonts of `kit.fonts`."""

from __future__ import annotations

import qrcode
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from server.kit.fonts import runs


def write_line(canvas: Canvas, words: str, x: float, y: float, font: str, size: float) -> None:
    """Write one line from `x` on, in the colour the canvas has. Raises GlyphMissingError, FontMissingError."""
    for name, part in runs(words, font):
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
