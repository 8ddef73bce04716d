"""Signing and verifying messages by the key they name, and by that key's own algorithm only."""

from __future__ import annotations

from server.kit import cose
from server.ports import Signer


def signed(payload: bytes, *, kind: str, signer: Signer) -> tuple[bytes, str]:
    """Sign a message under the current key; gives it and the key's id. Raises OutsideError when nobody can sign."""
    key_id = signer.key_id
    algorithm = next(key.algorithm for key in signer.every_key() if key.key_id == key_id)
    return cose.sign1(payload, type=kind, key_id=key_id, sign=signer.sign, algorithm=algorithm), key_id


def holds(message: cose.Signed, signer: Signer) -> bool:
    """Say whether the key a message names made its signature, in the way that key signs."""
    if not signer.verify(message.signed, message.signature, message.key_id):
        return False
    return any(key.key_id == message.key_id and key.algorithm == message.algorithm for key in signer.every_key())
