"""Sealing of personal data: AES-256-GCM under a ring of keys, and keyed blind indexes.

A sealed value is: version (1 byte) | key id (4 bytes) | nonce (12 bytes) | ciphertext and tag.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY_BYTES = 32
KEY_ID_BYTES = 4
VERSION = b"\x01"

_NONCE_BYTES = 12
_HEAD_BYTES = len(VERSION) + KEY_ID_BYTES
_TAG_BYTES = 16


class UnsealError(Exception):
    """The value was not sealed by us, for this place, or under a key we still hold. Says nothing of the content."""


class Keyring:
    """Several keys open, one seals: that is what lets keys be changed while the product runs."""

    def __init__(self, current: bytes, keys: Mapping[bytes, bytes], index_key: bytes) -> None:
        if current not in keys:
            msg = f"the current key {current.hex()} is not on the ring"
            raise ValueError(msg)
        if any(len(name) != KEY_ID_BYTES for name in keys):
            msg = f"a key id is {KEY_ID_BYTES} bytes"
            raise ValueError(msg)
        if any(len(key) != KEY_BYTES for key in (*keys.values(), index_key)):
            msg = f"a key is {KEY_BYTES} bytes"
            raise ValueError(msg)
        self.current = current
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._index_key = index_key

    def seal(self, plain: bytes, place: str) -> bytes:
        """Seal under the current key; only `unseal` with the same `place` (`table.column.row`) opens it."""
        nonce = os.urandom(_NONCE_BYTES)
        head = VERSION + self.current
        return head + nonce + self._ciphers[self.current].encrypt(nonce, plain, head + place.encode())

    def unseal(self, sealed: bytes, place: str) -> bytes:
        """Open what `seal` made. Raises `UnsealError`."""
        blob = bytes(sealed)
        if len(blob) < _HEAD_BYTES + _NONCE_BYTES + _TAG_BYTES or blob[:1] != VERSION:
            msg = f"not a sealed value at {place}"
            raise UnsealError(msg)
        cipher = self._ciphers.get(key_of(blob))
        if cipher is None:
            msg = f"sealed under key {key_of(blob).hex()}, which is not on the ring, at {place}"
            raise UnsealError(msg)
        head, nonce, body = blob[:_HEAD_BYTES], blob[_HEAD_BYTES:][:_NONCE_BYTES], blob[_HEAD_BYTES + _NONCE_BYTES :]
        try:
            return cipher.decrypt(nonce, body, head + place.encode())
        except InvalidTag:
            msg = f"changed, or moved from another row, at {place}"
            raise UnsealError(msg) from None

    def index(self, purpose: str, value: str) -> bytes:
        """Make 32 bytes by which an equal value is found again, and nothing else learned without the key."""
        return hmac.digest(self._index_key, f"{purpose}\0{value}".encode(), hashlib.sha256)


def key_of(sealed: bytes) -> bytes:
    """Name the key a value was sealed under, for changing keys."""
    return bytes(sealed[len(VERSION) : _HEAD_BYTES])
