"""Kinds of answers: how each is checked, and how it is written once it is right.

The phone has the same rules in `features/cases/rules.ts`; `tests/vectors/answers.json` holds both to them. An answer is
a text: of a person the JSON of an object, of a table the JSON of a list of objects, by the keys of their columns.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import msgspec

from server.features.catalogue.service import Column, FormField
from server.kit import checks, clock

DEFAULT_LENGTH = 200
# What a person or a table takes, written as JSON.
STRUCTURED_LENGTH = 8000
STRUCTURED = ("person", "table")
DEFAULT_ROWS = 20
MOST_DIGITS = 4
PERSON = (
    Column(key="name", label="name", type="name", required=True),
    Column(key="number", label="number", type="document_number", required=True),
    Column(key="phone", label="phone", type="phone", required=False),
)
_LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}", re.ASCII)
_UNSEEN = frozenset({"Cc", "Cs", "Cn", "Co"})
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}", re.ASCII)

# What is wrong, and where within the answer: (`0.name`, `missing`); nothing stands before the code of a plain answer.
Fault = tuple[str, str]
Row = dict[str, str]


def longest(field: FormField) -> int:
    """Say how many characters an answer to this question may have."""
    if field.type in STRUCTURED:
        return STRUCTURED_LENGTH
    return field.max_length or DEFAULT_LENGTH


def checked(field: FormField, answer: str) -> tuple[str, list[Fault]]:
    """Give an answer as papers need it, and everything that is wrong with it."""
    if len(answer) > longest(field):
        return "", [("", "too_long")]
    if field.type not in STRUCTURED:
        return _plain(field, answer)
    try:
        rows = rows_of(field, answer)
    except msgspec.MsgspecError:
        return "", [("", "bad_format")]
    if len(rows) > (field.rows or DEFAULT_ROWS):
        return "", [("", "too_many")]
    kept, faults = [], []
    for at, row in enumerate(rows):
        clean, wrong = _row(columns_of(field), row)
        kept.append(clean)
        faults += [(f"{at}.{path}" if field.type == "table" else path, code) for path, code in wrong]
    written: list[Row] | Row = kept if field.type == "table" else kept[0]
    return msgspec.json.encode(written).decode(), faults


def canonical(field: FormField, answer: str) -> str | None:
    """Give an answer as papers need it; None where it is not an answer to this question."""
    kept, faults = checked(field, answer)
    return None if faults else kept


def rows_of(field: FormField, answer: str) -> list[Row]:
    """Read a person (one row) or a table. Raises `msgspec.MsgspecError`."""
    if field.type == "person":
        return [msgspec.json.decode(answer, type=Row)]
    return msgspec.json.decode(answer, type=list[Row])


@dataclass(frozen=True, slots=True)
class Sheet:
    """A person or a table as it stands, to be written on: its columns and its rows, an empty one included."""

    columns: tuple[Column, ...]
    rows: list[Row]


def sheet(field: FormField, answer: str) -> Sheet | None:
    """Give a person or a table to write on; None for a plain question."""
    if field.type not in STRUCTURED:
        return None
    try:
        rows = rows_of(field, answer) if answer else []
    except msgspec.MsgspecError:
        rows = []
    return Sheet(columns_of(field), rows if field.type == "person" and rows else [*rows, {}])


def gathered(fields: Iterable[FormField], written: Mapping[str, str]) -> dict[str, str]:
    """Put the cells of sheets, each by `question.row.column`, together as one answer a question."""
    answers = {name: said for name, said in written.items() if "." not in name}
    for field in fields:
        cells = {name.partition(".")[2]: said for name, said in written.items() if name.startswith(f"{field.key}.")}
        if cells:
            answers[field.key] = _from_sheet(field, cells)
    return answers


def _from_sheet(field: FormField, cells: Mapping[str, str]) -> str:
    rows: dict[int, Row] = {}
    for name, said in cells.items():
        at, _, column = name.partition(".")
        if at.isdecimal() and len(at) < MOST_DIGITS and said.strip():
            rows.setdefault(int(at), {})[column] = said
    told = [row for _, row in sorted(rows.items())]
    if not told:
        return ""
    return msgspec.json.encode(told if field.type == "table" else told[0]).decode()


def columns_of(field: FormField) -> tuple[Column, ...]:
    """Name what each row of an answer holds."""
    return PERSON if field.type == "person" else tuple(field.columns)


def _row(columns: tuple[Column, ...], row: Mapping[str, str]) -> tuple[Row, list[Fault]]:
    kept: Row = {}
    faults: list[Fault] = [(key, "unknown_field") for key in row if key not in {column.key for column in columns}]
    for column in columns:
        said = row.get(column.key, "").strip()
        if not said:
            faults += [(column.key, "missing")] if column.required else []
            continue
        plain, wrong = _plain(column, said)
        faults += [(column.key, code) for _, code in wrong]
        kept[column.key] = plain
    return kept, faults


def _plain(field: FormField | Column, answer: str) -> tuple[str, list[Fault]]:
    if len(answer) > (field.max_length or DEFAULT_LENGTH):
        return "", [("", "too_long")]
    try:
        written = _WRITTEN[field.type](field, answer)
    except ValueError:
        return "", [("", "bad_format")]
    beyond = _beyond(field, written) if field.type == "date" else None
    return written, [] if beyond is None else [("", beyond)]


def _beyond(field: FormField | Column, day: str) -> str | None:
    """Say on which side of today a day may not be and is; both are written alike, so texts compare as days do."""
    today = clock.today().isoformat()
    if field.not_after is not None and day > today:
        return "after_today"
    return "before_today" if field.not_before is not None and day < today else None


def in_words(field: FormField, answer: str) -> str:
    """Write an answer for people to read: the label of a choice, the rows of a table one below the other."""
    if field.type == "choice":
        return next((choice.label for choice in field.choices if choice.value == answer), answer)
    if field.type not in STRUCTURED:
        return answer
    try:
        rows = rows_of(field, answer)
    except msgspec.MsgspecError:
        # A draft may hold what is not an answer yet.
        return answer
    return "\n".join(" ".join(_cells(columns_of(field), row)) for row in rows)


def _cells(columns: tuple[Column, ...], row: Mapping[str, str]) -> Iterator[str]:
    for column in columns:
        said = row.get(column.key, "")
        if said:
            yield next((choice.label for choice in column.choices if choice.value == said), said)


def _line(_field: FormField | Column, answer: str) -> str:
    """One line: what a certificate may carry has no breaks in it."""
    plain = _visible(answer)
    if "\n" in plain:
        raise ValueError(answer)
    return plain


def _lines(_field: FormField | Column, answer: str) -> str:
    return _visible("\n".join(answer.splitlines()))


def _visible(answer: str) -> str:
    """Make every kind of space a plain one; refuse what nobody sees, and what turns the direction of reading."""
    kinds = [unicodedata.category(sign) for sign in answer]
    if any(kind in _UNSEEN and sign not in "\n\t" for sign, kind in zip(answer, kinds, strict=True)):
        raise ValueError(answer)
    if not _TURNING.isdisjoint(answer):
        raise ValueError(answer)
    return "".join(" " if kind == "Zs" or sign == "\t" else sign for sign, kind in zip(answer, kinds, strict=True))


def _number(_field: FormField | Column, answer: str) -> str:
    plain = unicodedata.normalize("NFKC", answer).replace(",", "")
    if not _NUMBER.fullmatch(plain):
        raise ValueError(answer)
    return plain


def _date(_field: FormField | Column, answer: str) -> str:
    if not _DATE.fullmatch(answer):
        raise ValueError(answer)
    return date.fromisoformat(answer).isoformat()


def _choice(field: FormField | Column, answer: str) -> str:
    if answer not in {choice.value for choice in field.choices}:
        raise ValueError(answer)
    return answer


def _phone(_field: FormField | Column, answer: str) -> str:
    number = checks.mobile(answer) or (answer if _LANDLINE.fullmatch(answer) else None)
    if number is None:
        raise ValueError(answer)
    return number


def _document(_field: FormField | Column, answer: str) -> str:
    number = checks.resident_id(answer, clock.today()) or checks.uscc(answer) or checks.hk_macau_permit(answer)
    number = number or checks.taiwan_permit(answer) or checks.passport(answer)
    if number is None:
        raise ValueError(answer)
    return number


_WRITTEN: dict[str, Callable[[FormField | Column, str], str]] = {
    "text": _line,
    "long_text": _lines,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "address": _line,
    "phone": _phone,
    "document_number": _document,
    "name": _line,
}
