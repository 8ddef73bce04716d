"""Reads a table as people save it: CSV in any encoding Excel writes, or XLSX. Every trouble has one name."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec

from server.errors import InvalidInput

COLUMNS = Path(__file__).resolve().parent.parent / "data" / "columns.json"
MOST_BYTES = 50_000_000
MOST_UNPACKED = 400_000_000
MOST_CELL = 1000
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = frozenset(map(chr, range(32))) - set("\t\r\n")


@dataclass(frozen=True, slots=True)
class Table:
    """A file read. `rows` are (line as a person counts it, {column: text}); columns bear our names."""

    encoding: str
    rows: list[tuple[int, dict[str, str]]]


def read_table(path: Path, required: tuple[str, ...]) -> Table:
    """Read a file. Raises InvalidInput with the one reason why it cannot be read."""
    raw = _bytes(path)
    if raw.startswith(_OLD_EXCEL):
        raise InvalidInput("catalogue.file_old_excel", file=path.name)
    encoding, lines = ("xlsx", _sheet(raw, path)) if raw.startswith(_ZIP) else _text(raw, path)
    header: dict[int, str] = {}
    rows: list[tuple[int, dict[str, str]]] = []
    for number, cells in lines:
        if not any(cells):
            continue
        if not header:
            header = _header(cells)
            missing = [column for column in required if column not in header.values()]
            if missing:
                raise InvalidInput("catalogue.file_columns", file=path.name, columns=", ".join(missing))
        else:
            rows.append((number, {column: cells[at] if at < len(cells) else "" for at, column in header.items()}))
    if not rows:
        raise InvalidInput("catalogue.file_empty", file=path.name)
    return Table(encoding, rows)


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InvalidInput("catalogue.file_too_big", file=path.name, megabytes=MOST_BYTES // 1_000_000)
        raw = path.read_bytes()
    except OSError as missing:
        raise InvalidInput("catalogue.file_missing", file=path.name) from missing
    if not raw.strip():
        raise InvalidInput("catalogue.file_empty", file=path.name)
    return raw


def _text(raw: bytes, path: Path) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    encoding, text = _decoded(raw, path)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",\t;", key=first.count)
    return encoding, _csv(text, delimiter, path)


def _decoded(raw: bytes, path: Path) -> tuple[str, str]:
    if raw.startswith(_UTF16):
        candidates = ["utf-16"]
    elif raw.startswith(b"\xef\xbb\xbf"):
        candidates = ["utf-8-sig"]
    else:
        candidates = ["utf-8", "gb18030"]
    for encoding in candidates:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Nearly any bytes are some GB 18030; control characters say that they are not a text at all.
        if not _CONTROL.intersection(text[:100_000]):
            return encoding, text
    raise InvalidInput("catalogue.file_not_a_table", file=path.name)


def _csv(text: str, delimiter: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(MOST_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        for cells in reader:
            yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as broken:
        raise InvalidInput("catalogue.file_broken", file=path.name, line=reader.line_num) from broken


def _sheet(raw: bytes, path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MOST_UNPACKED:
            raise InvalidInput("catalogue.file_too_big", file=path.name, megabytes=MOST_UNPACKED // 1_000_000)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions, which are none of our business
            import openpyxl  # noqa: PLC0415 - large, and only an import of a workbook reads one

            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            # The stored dimensions may be wrong or missing; without them every row is read as it is.
            sheet.reset_dimensions()
            lines = [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    except InvalidInput:
        raise
    except Exception as broken:
        # openpyxl lets whatever its XML and zip readers raise pass: none of it tells an operator more than this.
        raise InvalidInput("catalogue.file_not_a_table", file=path.name) from broken
    yield from enumerate(lines, 1)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _header(cells: list[str]) -> dict[int, str]:
    names = _names()
    found: dict[int, str] = {}
    for at, cell in enumerate(cells):
        column = names.get(cell.strip().lower())
        if column is not None and column not in found.values():
            found[at] = column
    return found


@cache
def _names() -> dict[str, str]:
    columns = msgspec.json.decode(COLUMNS.read_bytes(), type=dict[str, list[str]])
    return {name: column for column, names in columns.items() for name in names}
