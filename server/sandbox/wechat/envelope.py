"""What stands round a pushed event: WeChat's signatures, and the encryption of the compatible and safe modes."""

import base64
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

__all__ = ["EnvelopeError", "decrypted", "encrypted", "signature"]

BLOCK = 32  # WeChat pads to 32 bytes, AES itself would need 16


class EnvelopeError(ValueError):
    """It cannot be opened with this key, or was meant for another app."""


def signature(token: str, *parts: str) -> str:
    """SHA-1 of the token and the parts, sorted and joined."""
    return hashlib.sha1("".join(sorted((token, *parts))).encode()).hexdigest()  # noqa: S324 - WeChat's own choice


def encrypted(aes_key: str, appid: str, content: bytes, *, salt: bytes | None = None) -> str:
    key = _key(aes_key)
    plain = (salt or secrets.token_hex(8).encode()) + struct.pack(">I", len(content)) + content + appid.encode()
    pad = BLOCK - len(plain) % BLOCK
    sealing = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(sealing.update(plain + bytes([pad]) * pad) + sealing.finalize()).decode()


def decrypted(aes_key: str, appid: str, text: str) -> bytes:
    key = _key(aes_key)
    opening = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    try:
        plain = opening.update(base64.b64decode(text, validate=True)) + opening.finalize()
    except ValueError:
        raise EnvelopeError from None
    pad = plain[-1] if plain else 0
    if not 1 <= pad <= BLOCK or len(plain) < 20 + pad:
        raise EnvelopeError
    (length,) = struct.unpack(">I", plain[16:20])
    content, whose = plain[20 : 20 + length], plain[20 + length : -pad]
    if not hmac.compare_digest(whose, appid.encode()):
        raise EnvelopeError
    return content


def _key(aes_key: str) -> bytes:
    return base64.b64decode(f"{aes_key}=")
