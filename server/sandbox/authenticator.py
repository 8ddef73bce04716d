"""The authenticator app: RFC 6238 codes of the sample staff, as the app on their own phone would show them."""

import base64
import binascii
import hmac
import struct

import msgspec

__all__ = ["PERIOD", "InvalidSecretError", "ShownCode", "code_at", "decode_secret", "shown"]

PERIOD = 30
DIGITS = 6


class InvalidSecretError(ValueError):
    """Not base32."""


class ShownCode(msgspec.Struct):
    label: str
    code: str
    next_code: str
    seconds_left: float
    period: int = PERIOD


def decode_secret(text: str) -> bytes:
    cleaned = text.replace(" ", "").replace("-", "").upper().rstrip("=")
    try:
        raw = base64.b32decode(cleaned + "=" * (-len(cleaned) % 8))
    except (binascii.Error, ValueError):
        raise InvalidSecretError from None
    if not raw:
        raise InvalidSecretError
    return raw


def code_at(secret: bytes, seconds: float, *, digits: int = DIGITS) -> str:
    digest = hmac.digest(secret, struct.pack(">Q", int(seconds // PERIOD)), "sha1")
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def shown(label: str, secret: str, now: float) -> ShownCode:
    raw = decode_secret(secret)
    return ShownCode(
        label=label,
        code=code_at(raw, now),
        next_code=code_at(raw, now + PERIOD),
        seconds_left=PERIOD - now % PERIOD,
    )
