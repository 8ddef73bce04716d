"""Numbers people and enterprises are known by. Each check gives the canonical form, or None when it cannot be one.

Input is taken as people type it: full-width digits, blanks, lower case. Only a register knows whether a well-formed
number belongs to anybody.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

# GB 11643: provinces by the first two digits of GB/T 2260; 71, 81, 82, 83 are people of Taiwan, Hong Kong and Macau,
# the last three with residence permits. Counties are not looked up: codes of abolished ones live on in numbers.
_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_RESIDENT = re.compile(r"[1-8]\d{16}[\dX]", re.ASCII)
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"
_EARLIEST_BIRTH_YEAR = 1900  # nobody living was born earlier; it catches slips of the finger

# ICAO Doc 9303: the document number of a passport has at most nine letters and digits; it carries no check of its own.
_PASSPORT = re.compile(r"(?=.*\d)[A-Z0-9]{5,9}", re.ASCII)
# Ministry of Public Security, 2010-03-10: H (Hong Kong) or M (Macau), eight digits for life, then two digits counting
# renewals, which the cards issued since 2013 no longer print.
_HK_MACAU = re.compile(r"([HM]\d{8})(?:\d{2})?", re.ASCII)
# The cards issued since 2015 print eight digits for life; the booklets before added two digits counting renewals and a
# letter in brackets.
_TAIWAN = re.compile(r"(\d{8})(?:\d{2}(?:\(?[A-Z]\)?)?)?", re.ASCII)

_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})", re.ASCII)

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC = re.compile(rf"[{_USCC_ALPHABET}]{{2}}\d{{6}}[{_USCC_ALPHABET}]{{10}}", re.ASCII)
_USCC_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def resident_id(typed: str, today: date) -> str | None:
    """Check a citizen identification number (GB 11643-1999), 18 characters."""
    number = _plain(typed)
    if not _RESIDENT.fullmatch(number) or not _PROVINCES.match(number):
        return None
    born = birth_date(number)
    if born is None or born.year < _EARLIEST_BIRTH_YEAR or born > today:
        return None
    return number if number[17] == _resident_check(number[:17]) else None


def birth_date(number: str) -> date | None:
    """Read the birth date out of a canonical citizen identification number."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def sample_resident_id(area: str, born: date) -> str:
    """Make a number that belongs to nobody: sequence 000 is never issued. `area` is six digits."""
    body = f"{area}{born:%Y%m%d}000"
    return body + _resident_check(body)


def passport(typed: str) -> str | None:
    """Check the shape of a passport number, of any country."""
    number = _plain(typed)
    return number if _PASSPORT.fullmatch(number) else None


def hk_macau_permit(typed: str) -> str | None:
    """Check a mainland travel permit of a Hong Kong or Macau resident; canonical is the part that stays for life."""
    found = _HK_MACAU.fullmatch(_plain(typed))
    return found[1] if found else None


def taiwan_permit(typed: str) -> str | None:
    """Check a mainland travel permit of a Taiwan resident; canonical is the part that stays for life."""
    found = _TAIWAN.fullmatch(_plain(typed))
    return found[1] if found else None


def mobile(typed: str) -> str | None:
    """Check a mobile number of the mainland; canonical is eleven digits without country code."""
    found = _MOBILE.fullmatch(_plain(typed).replace("-", ""))
    return found[1] if found else None


def uscc(typed: str) -> str | None:
    """Check a unified social credit code (GB 32100-2015), the organisation code inside (GB 11714) included."""
    code = _plain(typed)
    if not _USCC.fullmatch(code):
        return None
    sound = code[16] == _organisation_check(code[8:16]) and code[17] == _uscc_check(code[:17])
    return code if sound else None


def sample_uscc(area: str, body: str) -> str:
    """Make the code of an enterprise that does not exist. `area` is six digits, `body` eight of the code's alphabet."""
    code = f"91{area}{body}{_organisation_check(body)}"
    return code + _uscc_check(code)


def _plain(typed: str) -> str:
    return "".join(unicodedata.normalize("NFKC", typed).split()).upper()


def _resident_check(body: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(body, _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECKS[total % 11]


def _organisation_check(body: str) -> str:
    # GB 11714 counts letters A = 10 … Z = 35, unlike GB 32100, whose alphabet leaves five of them out.
    total = sum(int(char, 36) * weight for char, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def _uscc_check(body: str) -> str:
    total = sum(_USCC_ALPHABET.index(char) * weight for char, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[-total % 31]
