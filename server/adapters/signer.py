"""The seal of the issuing authority: Ed25519 (RFC 8032) under a key made from the secrets file."""

from __future__ import annotations

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from server.config import Settings

KEY_ID_HEX = 16


class Ed25519Signer:
    """One key. Its id is the beginning of the public key's hash, so that nobody has to agree on names."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = self._private.public_key()
        self._key_id = _key_id(self._public)

    @property
    def key_id(self) -> str:
        """Name the key that signs now."""
        return self._key_id

    def sign(self, payload: bytes) -> bytes:
        """Sign with the current key; 64 bytes."""
        return self._private.sign(payload)

    def verify(self, payload: bytes, signature: bytes, key_id: str) -> bool:
        """Say whether this key made the signature; a key nobody knows has made none."""
        if key_id != self._key_id:
            return False
        try:
            self._public.verify(signature, payload)
        except InvalidSignature:
            return False
        return True


def _key_id(public: Ed25519PublicKey) -> str:
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:KEY_ID_HEX]


def make(settings: Settings) -> Ed25519Signer:
    """Take the signing seed of the secrets file."""
    return Ed25519Signer(settings.secrets.signing_seed)
