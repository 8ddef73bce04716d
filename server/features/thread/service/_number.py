"""The public number: area (6), day in Shanghai (yyMMdd), serial (6), check digit (ISO 7064 MOD 11,10)."""

from __future__ import annotations

import unicodedata
from datetime import date
from functools import lru_cache

from server.db import blind_index

LENGTH = 19
TAIL = 4
# The standard's sum, worked out once: the product so far and a digit give the next product.
_FIRST = 10
_NEXT = [{str(digit): ((product + digit) % 10 or 10) * 2 % 11 for digit in range(10)} for product in range(11)]


def format_number(area: str, day: date, serial: int) -> str:
    """Make the number of one thread; `area` is the first six digits of its region."""
    began, product = _began(area, day)
    digits = f"{serial:06}"
    return f"{began}{digits}{_closing(_product(product, digits))}"


@lru_cache(maxsize=256)
def _began(area: str, day: date) -> tuple[str, int]:
    # What the numbers of an area and a day share, and the check digit's product so far.
    began = f"{area[:6]}{day:%y%m%d}"
    return began, _product(_FIRST, began)


def parse_number(written: str) -> str | None:
    """Read a number as people write it or a scanner reads it off a receipt. None when it is none of ours.

    Full-width digits, spaces and dashes are fine; the code on a receipt or label is the address where it is followed.
    """
    digits = plain_digits(written.rpartition("number=")[2].partition("&")[0])
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
    return _closing(_product(_FIRST, body))


def _product(product: int, digits: str) -> int:
    for digit in digits:
        product = _NEXT[product][digit]
    return product


def _closing(product: int) -> str:
    return str((11 - product) % 10)
