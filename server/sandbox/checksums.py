"""Check digits of the two numbers that have one; its own, because it must not share the product's mistakes."""

import re

__all__ = ["looks_valid"]

RESIDENT_ID = re.compile(r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")
RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
OTHER = re.compile(r"[0-9A-Z()-]{4,32}")


def looks_valid(kind: str, number: str) -> bool:
    """GB 11643 for resident identity cards, GB 32100 for organisations; other papers only by their characters."""
    if kind in {"resident_id", "id_card"}:
        return _resident_id(number)
    if kind in {"uscc", "enterprise"}:
        return _uscc(number)
    return OTHER.fullmatch(number) is not None


def _resident_id(number: str) -> bool:
    if not RESIDENT_ID.fullmatch(number):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number, RESIDENT_WEIGHTS, strict=False))
    return number[17] == "10X98765432"[total % 11]


def _uscc(number: str) -> bool:
    if len(number) != 18 or any(char not in USCC_ALPHABET for char in number):
        return False
    values = [USCC_ALPHABET.index(char) for char in number]
    total = sum(value * weight for value, weight in zip(values, USCC_WEIGHTS, strict=False))
    return values[17] == (31 - total % 31) % 31
