"""Values of template fields: written as WeChat wants them, shortened only where the rule of the field says so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime

from server.kit import clock, texts
from server.kit.spoken import spoken

THING_LENGTH = 20
_ELLIPSIS = "\u2026"
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_CLOCK_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
# Emoji and other pictures, private and half signs: nobody says how WeChat counts them.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk"})

Value = str | int | date | datetime


class FieldError(ValueError):
    """A value cannot go into its field; names the field, never the value."""


def kind_of(key: str) -> str:
    """Give the type of a field: `character_string12` is a `character_string`."""
    return key.rstrip("0123456789")


def fit(key: str, value: Value | tuple[datetime, datetime]) -> str:
    """Write a value for a template field. `thing` is cut to 20 characters, ending in an ellipsis; nothing else is cut.

    Templates speak Chinese whatever the person reads: their titles and labels do. Raises FieldError.
    """
    kind = kind_of(key)
    written = _write(kind, value)
    if kind == "thing":
        written = _cut(written)
    if not written or not KINDS[kind](written):
        raise FieldError(key)
    return written


def _write(kind: str, value: Value | tuple[datetime, datetime]) -> str:
    if isinstance(value, tuple):
        start, end = value
        return f"{spoken(texts.SOURCE, start)}~{end.astimezone(clock.SHANGHAI):%H:%M}"
    if kind == "date" and isinstance(value, datetime):
        value = value.astimezone(clock.SHANGHAI).date()
    written = spoken(texts.SOURCE, value)
    plain = (" " if sign.isspace() else sign for sign in written if not _picture(sign))
    return " ".join("".join(plain).split())


def _picture(sign: str) -> bool:
    return not sign.isspace() and unicodedata.category(sign) in _UNSAFE


def _cut(written: str) -> str:
    # WeChat counts a rare character beyond the basic plane as two, as UTF-16 does.
    if _length(written) <= THING_LENGTH:
        return written
    kept = written[: THING_LENGTH - 1]
    while _length(kept) > THING_LENGTH - 1:
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS


def _length(written: str) -> int:
    return len(written.encode("utf-16-le")) // 2


def _at_most(limit: int) -> Callable[[str], bool]:
    return lambda written: _length(written) <= limit


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda written: compiled.fullmatch(written) is not None


def _number(written: str) -> bool:
    return re.fullmatch(r"\d+(?:\.\d+)?", written, re.ASCII) is not None and sum(map(str.isdigit, written)) <= 32


def _name(written: str) -> bool:
    if any(sign.isdigit() for sign in written):
        return False
    return _length(written) <= (10 if re.search(f"[{_HAN}]", written) else 20)


# The CJK signs are those for year, month and day.
_DAY = r"(?:19|20)\d\d\u5e74(?:0?[1-9]|1[0-2])\u6708(?:0?[1-9]|[12]\d|3[01])\u65e5"

KINDS: dict[str, Callable[[str], bool]] = {
    "thing": _at_most(THING_LENGTH),
    "number": _number,
    "letter": _matches(r"[A-Za-z]{1,32}"),
    "symbol": _matches(r"[^\w\s]{1,5}"),
    "character_string": _matches(r"[\x21-\x7e](?:[\x20-\x7e]{0,30}[\x21-\x7e])?"),
    "time": _matches(rf"(?:{_DAY} )?{_CLOCK_TIME}(?:~{_CLOCK_TIME})?"),
    "date": _matches(rf"{_DAY}(?: {_CLOCK_TIME})?"),
    "amount": _matches(r"[\u00a5\uffe5$]?\d{1,10}(?:\.\d+)?\u5143?"),
    "phone_number": _matches(r"[\d+\-()*# ]{1,17}"),
    "car_number": _matches(rf"[{_HAN}A-Za-z\d][A-Za-z\d]{{0,6}}[{_HAN}A-Za-z\d]?"),
    "name": _name,
    "phrase": _matches(f"[{_HAN}]{{1,5}}"),
}
