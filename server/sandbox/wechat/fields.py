"""What a value of each template field type may be. The limits follow WeChat's page and what developers met."""

import re
import unicodedata
from collections.abc import Callable, Sequence

__all__ = ["kind_of", "problem_with"]

CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
YEAR = r"(?:19|20)\d{2}"
MONTH = r"(?:1[0-2]|0?[1-9])"
DAY = r"(?:3[01]|[12]\d|0?[1-9])"
CLOCK_TIME = r"(?:2[0-3]|[01]?\d):[0-5]\d(?::[0-5]\d)?"
CHINESE_DATE = rf"(?:{YEAR}年{MONTH}月{DAY}日|{YEAR}年{MONTH}月|{MONTH}月{DAY}日)"
MARKED_DATE = rf"(?:{YEAR}([-/.]){MONTH}\1{DAY}|{YEAR}[-/.]{MONTH})"
ONE_DATE = rf"(?:{CHINESE_DATE}|{MARKED_DATE})(?: ?{CLOCK_TIME})?"

# A range needs the ASCII tilde: the full-width one of WeChat's own sample fails in the field.
TIME = re.compile(rf"(?:{YEAR}年{MONTH}月{DAY}日 ?)?{CLOCK_TIME}(?:~{CLOCK_TIME})?")
DATE = re.compile(ONE_DATE)
NUMBER = re.compile(r"\d+(?:\.\d+)?")
LETTER = re.compile(r"[A-Za-z]{1,32}")
CHARACTER_STRING = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,30}[\x21-\x7e])?")
AMOUNT = re.compile(r"[¥￥$€£]?\d{1,10}(?:\.\d+)?元?")
PHONE_NUMBER = re.compile(r"[\d+\-()*# ]{1,17}")
CAR_NUMBER = re.compile(r"[A-Za-z\d\u4e00-\u9fff][A-Za-z\d]{0,6}[A-Za-z\d\u4e00-\u9fff]?")
PHRASE = re.compile(r"[\u4e00-\u9fff]{1,5}")


def kind_of(key: str) -> str:
    """`character_string12` → `character_string`."""
    return key.rstrip("0123456789")


def problem_with(key: str, value: object, choices: Sequence[str] = ()) -> str | None:
    """`empty` or `invalid`, the two words WeChat has for it, or None."""
    if not isinstance(value, str):
        return "empty" if value is None else "invalid"
    if not value.strip():
        return "empty"
    if any(unicodedata.category(char) == "Cc" for char in value):
        return "invalid"
    if kind_of(key) == "enum_string":
        return None if value in choices else "invalid"
    rule = RULES.get(kind_of(key))
    return None if rule is not None and rule(value) else "invalid"


def _at_most(limit: int) -> Callable[[str], bool]:
    return lambda value: len(value) <= limit


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.fullmatch(value) is not None


def _number(value: str) -> bool:
    return NUMBER.fullmatch(value) is not None and sum(char.isdigit() for char in value) <= 32


def _symbol(value: str) -> bool:
    return len(value) <= 5 and not any(char.isalnum() or char.isspace() for char in value)


def _date(value: str) -> bool:
    ends = value.split("~")
    return len(ends) <= 2 and all(DATE.fullmatch(end) for end in ends)


def _name(value: str) -> bool:
    if any(char.isdigit() for char in value):
        return False
    return len(value) <= (10 if CHINESE.search(value) else 20)


RULES: dict[str, Callable[[str], bool]] = {
    "thing": _at_most(20),
    "short_thing": _at_most(5),
    "const": _at_most(20),
    "number": _number,
    "letter": _matches(LETTER),
    "symbol": _symbol,
    "character_string": _matches(CHARACTER_STRING),
    "time": _matches(TIME),
    "date": _date,
    "amount": _matches(AMOUNT),
    "phone_number": _matches(PHONE_NUMBER),
    "car_number": _matches(CAR_NUMBER),
    "name": _name,
    "phrase": _matches(PHRASE),
}
