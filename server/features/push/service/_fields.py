"""Values of template fields: written as WeChat wants them, shortened only where the rule of the field says so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime

from server.features.push.service._shorten import Rule, length, shorten
from server.kit import checks, clock, texts
from server.kit.spoken import spoken

THING_LENGTH = 20
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_MOBILE = re.compile(r"(?<![\dA-Za-z])1[3-9]\d{9}(?![\dA-Za-z])")
_RESIDENT = re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])")
_CLOCK_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
# Emoji and other pictures, private and half signs: nobody says how WeChat counts them.
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk"})

Value = str | int | date | datetime


class FieldError(ValueError):
    """A value cannot go into its field; names the field, never the value."""


def kind_of(key: str) -> str:
    """Give the type of a field: `character_string12` is a `character_string`."""
    return key.rstrip("0123456789")


def fit(key: str, value: Value | tuple[datetime, datetime], rule: Rule = "refuse") -> str:
    """Write a value for a template field. What is too long for a `thing` is shortened by the field's rule.

    Templates speak Chinese whatever the person reads: their titles and labels do. Raises FieldError, also for what is
    somebody's number: a message shows on a locked phone.
    """
    kind = kind_of(key)
    written: str | None = _write(kind, value)
    if written and personal(written):
        raise FieldError(key)
    if written and kind == "thing":
        written = shorten(written, rule, THING_LENGTH)
    if not written or not KINDS[kind](written):
        raise FieldError(key)
    return written


def personal(written: str) -> bool:
    """Say whether a text holds a mobile number or a citizen's number. Case numbers and hotlines are none."""
    if _MOBILE.search(written):
        return True
    return any(checks.resident_id(found, clock.today()) for found in _RESIDENT.findall(written))


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


def _at_most(limit: int) -> Callable[[str], bool]:
    return lambda written: length(written) <= limit


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda written: compiled.fullmatch(written) is not None


def _number(written: str) -> bool:
    return re.fullmatch(r"\d+(?:\.\d+)?", written, re.ASCII) is not None and sum(map(str.isdigit, written)) <= 32


def _name(written: str) -> bool:
    if any(sign.isdigit() for sign in written):
        return False
    return length(written) <= (10 if re.search(f"[{_HAN}]", written) else 20)


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
