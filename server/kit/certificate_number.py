"""Identifiers of electronic certificates (GB/T 36904-2018), checked by ISO 7064 MOD 37,36 (GB/T 17710)."""

from __future__ import annotations

import re
from dataclasses import dataclass

OID = "1.2.156.3005.2"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NUMBER = re.compile(
    r"1\.2\.156\.3005\.2"
    r"\.(?P<kind>[0-9A-Z]{21})\.(?P<issuer>[0-9A-Z]{18}|\d{6})"
    r"\.(?P<serial>[0-9A-Z]{1,32})\.(?P<version>\d{3})\.(?P<check>[0-9A-Z])",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateNumber:
    """The parts of an identifier: type code (21), issuer (USCC or county code), serial, version (1 to 999)."""

    kind: str
    issuer: str
    serial: str
    version: int

    def __str__(self) -> str:
        parts = (self.kind, self.issuer, self.serial, f"{self.version:03d}")
        return ".".join((OID, *parts, check_character("".join(parts))))


def parse(number: str) -> CertificateNumber | None:
    """Read an identifier, or give None when its shape or its check character is wrong."""
    found = _NUMBER.fullmatch(number.strip().upper())
    if found is None:
        return None
    parts = CertificateNumber(
        kind=found["kind"], issuer=found["issuer"], serial=found["serial"], version=int(found["version"])
    )
    return parts if str(parts).endswith("." + found["check"]) else None


def check_character(body: str) -> str:
    """Compute the check character over type, issuer, serial and version, dots and OID left out."""
    product = 36
    for letter in body:
        total = (product + _ALPHABET.index(letter)) % 36 or 36
        product = total * 2 % 37
    return _ALPHABET[(37 - product) % 36]
