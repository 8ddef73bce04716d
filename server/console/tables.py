"""Tables to work with elsewhere: no cell runs as a formula, nothing on the way keeps them, none is in memory whole."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterable, AsyncIterator, Iterable

from server.kit import clock
from server.kit.cells import safe
from server.web import Streamed

# So much is gathered before it is sent.
_PIECE = 32_768
Line = Iterable[object]


def as_csv(name: str, head: Line, rows: Iterable[Line] | AsyncIterable[Line]) -> Streamed:
    """Write a table as a file named after what it lists and today."""
    return Streamed(
        source=_written(head, rows),
        content_type="text/csv; charset=utf-8",
        filename=f"{name}-{clock.today():%Y%m%d}.csv",
        headers={"cache-control": "private, no-store"},
    )


async def _written(head: Line, rows: Iterable[Line] | AsyncIterable[Line]) -> AsyncIterator[bytes]:
    sink = io.StringIO()
    table = csv.writer(sink)
    # Without the mark at its head, a spreadsheet guesses the encoding, and guesses wrong.
    sink.write("\ufeff")
    table.writerow(head)
    async for row in _each(rows):
        table.writerow([safe("" if cell is None else str(cell)) for cell in row])
        if sink.tell() >= _PIECE:
            yield _taken(sink)
    yield _taken(sink)


async def _each(rows: Iterable[Line] | AsyncIterable[Line]) -> AsyncIterator[Line]:
    if isinstance(rows, AsyncIterable):
        async for row in rows:
            yield row
        return
    for row in rows:
        yield row


def _taken(sink: io.StringIO) -> bytes:
    written = sink.getvalue().encode()
    sink.seek(0)
    sink.truncate()
    return written
