"""The public number: area (6), day in Shanghai (yyMMdd), serial (6), check digit (ISO 7064 MOD 11,10)."""

from __future__ import annotations

import unicodedata
from datetime import date

from server.db import blind_index

LENGTH = 19
TAIL = 4


def format_number(area: str, day: date, serial: int) -> str:
    """Make the number of one thread; `area` is the first six digits of its region."""
    body = f"{area[:6]}{day:%y%m%d}{serial:06}"
    return body + _check_digit(body)


def parse_number(written: str) -> str | None:
    """Read a number as people write it: full-width digits, spaces and dashes are fine. None when it is none of ours."""
    digits = plain_digits(written)
    if len(digits) != LENGTH or not digits.isascii() or not digits.isdigit():
        return None
    return digits if _check_digit(digits[:-1]) == digits[-1] else None


def plain_digits(written: str) -> str:
    """Turn what was typed into plain digits where it stands for digits; the rest stays."""
    if written.isascii() and written.isdigit():
        return written
    plain = unicodedata.normalize("NFKC", written)
    return "".join(sign for sign in plain if not sign.isspace() and sign not in "-_.")


def tail_index(number: str, phone: str) -> bytes:
    """Make what the end of a phone number is recognised by; it says nothing about other threads of that phone."""
    return blind_index("thread.phone_tail", f"{number}:{phone[-TAIL:]}")


def _check_digit(body: str) -> str:
    product = 10
    for digit in body:
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)
