"""SM2 with SM3 (GB/T 32918), as an option: it is there when `tongsuopy` is installed.

A public key is its two coordinates, a signature its two numbers, 64 bytes each, as in RFC 8998 and GB/T 35276 without
their wrapping. Whoever signs is named by the identity that the standard takes where none was agreed.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

ALGORITHM = "SM2-SM3"
SIZE = 32
# The order of the curve of GB/T 32918.5.
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


def available() -> bool:
    """Say whether the library is installed."""
    return importlib.util.find_spec("tongsuopy") is not None


class Sm2Public:
    """Verifies."""

    def __init__(self, key: Any) -> None:  # noqa: ANN401 - an optional library's
        self._key = key

    @property
    def raw(self) -> bytes:
        """Give the point: x and y."""
        numbers = self._key.public_numbers()
        return bytes(numbers.x.to_bytes(SIZE, "big") + numbers.y.to_bytes(SIZE, "big"))

    def verify(self, signature: bytes, payload: bytes) -> None:
        """Raise InvalidSignature for anything but this key's signature."""
        if len(signature) != 2 * SIZE:
            raise InvalidSignature
        r, s = int.from_bytes(signature[:SIZE], "big"), int.from_bytes(signature[SIZE:], "big")
        try:
            self._key.verify(encode_dss_signature(r, s), payload, _sm3())
        except _wrong() as wrong:
            raise InvalidSignature from wrong


class Sm2Private:
    """Signs, with the number that a seed stands for."""

    def __init__(self, seed: bytes) -> None:
        number = int.from_bytes(seed, "big") % (ORDER - 2) + 1
        self._key = _ec().derive_private_key(number, _ec().SM2())

    def sign(self, payload: bytes) -> bytes:
        """Sign; 64 bytes."""
        r, s = decode_dss_signature(self._key.sign(payload, _sm3()))
        return r.to_bytes(SIZE, "big") + s.to_bytes(SIZE, "big")

    def public_key(self) -> Sm2Public:
        """Give the other half."""
        return Sm2Public(self._key.public_key())


def _ec() -> Any:  # noqa: ANN401 - an optional library
    return importlib.import_module("tongsuopy.crypto.asymciphers.ec")


def _sm3() -> Any:  # noqa: ANN401 - as above
    return _ec().ECDSA(importlib.import_module("tongsuopy.crypto.hashes").SM3())


@functools.cache
def _wrong() -> type[Exception]:
    found: type[Exception] = importlib.import_module("tongsuopy.crypto.exceptions").InvalidSignature
    return found
