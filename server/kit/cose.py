"""COSE_Sign1 (RFC 9052) as our certificates use it: one signer, an allow-list of headers, one way to write everything.

Whatever can be written in two ways is refused in the second, so that no byte can be changed without being seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import cbor2

TAG = 18
ALGORITHM, KEY_ID, TYPE = 1, 4, 16
# By IANA's register, and one of our own for what has no number there: SM2 with SM3 (GB/T 32918).
ALGORITHMS = {"Ed25519": -8, "SM2-SM3": -70301}
NAMES = {number: name for name, number in ALGORITHMS.items()}
PARTS = 4
# Nothing we sign but the status list is longer than some hundred bytes; that one has a limit of its own.
LONGEST = 4 * 1024 * 1024


class CoseError(ValueError):
    """The bytes are not a message of ours. `reason`: "cut", "altered", or "wrong_type" for something else."""

    def __init__(self, words: str, reason: str = "altered") -> None:
        super().__init__(words)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A message that has been read and not yet verified. `type` says what it is for, `signed` is what was signed."""

    key_id: str
    algorithm: str
    type: str
    payload: bytes
    signed: bytes
    signature: bytes


def sign1(
    payload: bytes, *, type: str, key_id: str, sign: Callable[[bytes], bytes], algorithm: str = "Ed25519"
) -> bytes:
    """Write and sign one message. `key_id` is hexadecimal; `algorithm` is its key's."""
    protected = encoded({ALGORITHM: ALGORITHMS[algorithm], KEY_ID: bytes.fromhex(key_id), TYPE: type})
    return encoded(cbor2.CBORTag(TAG, [protected, {}, payload, sign(_to_be_signed(protected, payload))]))


def read(message: bytes) -> Signed:
    """Take a message apart. Raises `CoseError` for anything but what `sign1` writes."""
    whole = decoded(message)
    if not isinstance(whole, cbor2.CBORTag) or whole.tag != TAG or not isinstance(whole.value, list | tuple):
        raise CoseError("not a COSE_Sign1", "wrong_type")
    if len(whole.value) != PARTS:
        raise CoseError("not four parts", "wrong_type")
    protected, unprotected, payload, signature = whole.value
    if unprotected != {} or not all(isinstance(part, bytes) for part in (protected, payload, signature)):
        raise CoseError("parts of other types", "wrong_type")
    header = decoded(protected)
    if not isinstance(header, dict) or set(header) != {ALGORITHM, KEY_ID, TYPE}:
        raise CoseError("another header", "wrong_type")
    if type(header[ALGORITHM]) is not int or header[ALGORITHM] not in NAMES:
        raise CoseError("another algorithm or header", "wrong_type")
    if not isinstance(header[KEY_ID], bytes) or not isinstance(header[TYPE], str):
        raise CoseError("header of other types", "wrong_type")
    return Signed(
        key_id=header[KEY_ID].hex(),
        algorithm=NAMES[header[ALGORITHM]],
        type=header[TYPE],
        payload=payload,
        signed=_to_be_signed(protected, payload),
        signature=signature,
    )


def encoded(value: object) -> bytes:
    """Write CBOR in its one deterministic way (RFC 8949, 4.2)."""
    return cbor2.dumps(value, canonical=True)


def decoded(content: bytes) -> Any:  # noqa: ANN401 - what the bytes hold
    """Read one CBOR value to the last byte. Raises `CoseError`, also for what is not written the deterministic way."""
    if len(content) > LONGEST:
        raise CoseError("too long")
    source = BytesIO(content)
    try:
        value = cbor2.CBORDecoder(source).decode()
        again = encoded(value)
    except (EOFError, cbor2.CBORDecodeEOF) as wrong:
        raise CoseError("ends too early", "cut") from wrong
    except Exception as wrong:
        raise CoseError("not CBOR") from wrong
    if again != content:
        raise CoseError("not the one way to write it")
    return value


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return encoded(["Signature1", protected, b"", payload])
