"""A second verifier of certificates, which shares nothing with the one that makes them: own CBOR, own COSE, own rules.

It needs the text of a certificate, the public keys, and, for a yes, a status list that is not too old. It stands alone:
this file, Python and `cryptography` are enough, and for SM2 `tongsuopy`. From RFC 8949, RFC 9052 and decision 0049.
"""

from __future__ import annotations

import base64
import binascii
import importlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

CERTIFICATE, STATUS_LIST = "onetrip-certificate", "onetrip-status-list"
# A list older than this proves nothing any more, whatever it says of its own successor.
STALE_AFTER = timedelta(hours=24)
# Clocks of telephones are not those of servers.
SKEW = timedelta(minutes=5)
ALGORITHMS = {-8: "Ed25519", -70301: "SM2-SM3"}  # by IANA's register, and for SM2 by decision 0049
SM2_PARTS = ("asymciphers.ec", "hashes", "exceptions")
LONGEST_TEXT = 6000
LONGEST_LIST = 4 * 1024 * 1024
DEEPEST = 6
STATUS = {1: "revoked", 2: "suspended", 3: "superseded"}


class RefusedError(Exception):
    """Why it is not a yes: the layer that found out, and the reason's code."""

    def __init__(self, layer: str, reason: str) -> None:
        super().__init__(f"{layer}: {reason}")
        self.layer = layer
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A public key somebody trusts (32 bytes; of SM2 the point, 64), how it signs, and from when on it is lost."""

    public: bytes
    compromised_from: datetime | None = None
    algorithm: str = "Ed25519"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What was found. `result` is "valid" only if every layer said yes; `layer` is the one that did not."""

    result: str
    layer: str | None = None
    shown: Mapping[str, Any] = field(default_factory=dict)


def verify(text: str, keys: Mapping[str, Key], status_list: bytes | None, now: datetime) -> Verdict:
    """Check a certificate without asking anybody. Never raises for anything the text holds."""
    try:
        return Verdict(result="valid", shown=_verified(text, keys, status_list, now))
    except RefusedError as why:
        return Verdict(result=why.reason, layer=why.layer)


def _verified(text: str, keys: Mapping[str, Key], status_list: bytes | None, now: datetime) -> dict[str, Any]:
    key_id, claims = _opened(_bytes(text), CERTIFICATE, keys)
    shown = _claims(claims)
    issued = datetime.fromtimestamp(claims[6], tz=now.tzinfo)
    since = keys[key_id].compromised_from
    listed = None if status_list is None else _list(status_list, keys, now)
    if listed is not None:
        since = _earlier(since, listed["lost"].get(key_id))
    if since is not None:
        # Whoever has the key can write any moment into what they sign: only the server knows when it was signed.
        raise RefusedError("key", "key_lost" if issued >= since else "unsure")
    if claims[5] > now.timestamp() or issued > now + SKEW:
        raise RefusedError("time", "future")
    if 4 in claims and claims[4] <= now.timestamp():
        raise RefusedError("time", "expired")
    _standing(claims[-70003], listed)
    return shown


def _bytes(text: str) -> bytes:
    if not text or len(text) > LONGEST_TEXT or len(text) % 4 == 1:
        raise RefusedError("text", "cut")
    try:
        message = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise RefusedError("text", "altered") from None
    if (again := base64.urlsafe_b64encode(message).rstrip(b"=").decode()) != text:
        raise RefusedError("text", "cut" if again[:-1] == text[:-1] else "altered")
    return message


def _opened(message: bytes, kind: str, keys: Mapping[str, Key]) -> tuple[str, dict[Any, Any]]:
    """Take a COSE_Sign1 apart, and give its key and claims once the signature holds."""
    tagged = _Reader(message).whole("cbor")
    whole = isinstance(tagged, _Tagged) and tagged.tag == 18 and isinstance(tagged.value, list)
    if not whole or len(tagged.value) != 4:
        raise RefusedError("cose", "wrong_type")
    protected, unprotected, payload, signature = tagged.value
    if unprotected != {} or not all(isinstance(part, bytes) for part in (protected, payload, signature)):
        raise RefusedError("cose", "wrong_type")
    header = _Reader(protected).whole("cose")
    right = isinstance(header, dict) and set(header) == {1, 4, 16} and isinstance(header[4], bytes)
    if not right or type(header[1]) is not int or header[1] not in ALGORITHMS or header[16] != kind:
        raise RefusedError("cose", "wrong_type")
    key = keys.get(header[4].hex())
    if key is None:
        raise RefusedError("key", "unknown_key")
    signed = b"\x84\x6aSignature1" + _bytes_head(protected) + b"\x40" + _bytes_head(payload)
    if ALGORITHMS[header[1]] != key.algorithm or not _made(key, signature, signed):
        raise RefusedError("signature", "forged")
    claims = _Reader(payload).whole("claims")
    if not isinstance(claims, dict):
        raise RefusedError("claims", "altered")
    return header[4].hex(), claims


def _made(key: Key, signature: bytes, signed: bytes) -> bool:
    try:
        if key.algorithm == "SM2-SM3":
            return _made_by_sm2(key.public, signature, signed)
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _made_by_sm2(public: bytes, signature: bytes, signed: bytes) -> bool:
    try:
        sm2, hashes, exceptions = (importlib.import_module(f"tongsuopy.crypto.{one}") for one in SM2_PARTS)
    except ImportError:
        raise RefusedError("signature", "unsure") from None
    x, y, r, s = (int.from_bytes(part, "big") for part in (public[:32], public[32:], signature[:32], signature[32:]))
    try:
        point = sm2.EllipticCurvePublicNumbers(x, y, sm2.SM2()).public_key()
        point.verify(encode_dss_signature(r, s), signed, sm2.ECDSA(hashes.SM3()))
    except (exceptions.InvalidSignature, ValueError):
        return False
    return len(signature) == 64


def _claims(claims: dict[Any, Any]) -> dict[str, Any]:
    """See that every claim is there and of its kind, and nothing else."""
    kinds: dict[int, type] = {
        1: str, 2: str, 5: int, 6: int, -70001: str, -70002: str, -70003: int, -70004: bool, -70005: str,
        -70006: list, -70007: bytes,
    }  # fmt: skip
    right = set(claims) - {4} == set(kinds) and all(type(claims[name]) is kind for name, kind in kinds.items())
    if not right or type(claims.get(4, 0)) is not int or claims[-70003] < 0:
        raise RefusedError("claims", "altered")
    lines = claims[-70006]
    if not all(isinstance(line, list) and [type(part) for part in line] == [str, str] for line in lines):
        raise RefusedError("claims", "altered")
    return {
        "issuer": claims[1],
        "number": claims[2],
        "type": claims[-70002],
        "holder": claims[-70005],
        "sample": claims[-70004],
        "lines": lines,
    }


def _list(body: bytes, keys: Mapping[str, Key], now: datetime) -> dict[str, Any] | None:
    """Read a status list. One that is old, altered, under a lost key or from the future is none."""
    try:
        key_id, claims = _opened(body, STATUS_LIST, keys)
    except RefusedError:
        return None
    names = {1: str, 6: int, -70101: int, -70102: int, -70103: bytes, -70104: dict}
    if set(claims) != set(names) or any(type(claims[name]) is not kind for name, kind in names.items()):
        return None
    if key_id in {name.hex() for name in claims[-70104]} or keys[key_id].compromised_from is not None:
        return None
    issued = datetime.fromtimestamp(claims[6], tz=now.tzinfo)
    if issued > now + SKEW or now - issued > STALE_AFTER:
        return None
    try:
        packed = zlib.decompressobj().decompress(claims[-70103], LONGEST_LIST)
    except zlib.error:
        return None
    lost = {name.hex(): datetime.fromtimestamp(since, tz=now.tzinfo) for name, since in claims[-70104].items()}
    return {"lost": lost, "packed": packed, "size": min(claims[-70102], len(packed) * 4)}


def _standing(index: int, found: dict[str, Any] | None) -> None:
    if found is None or index >= found["size"]:
        raise RefusedError("list", "stale_list")
    status = found["packed"][index // 4] >> index % 4 * 2 & 3
    if status:
        raise RefusedError("status", STATUS[status])


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    known = [moment for moment in (one, other) if moment is not None]
    return min(known) if known else None


def _bytes_head(content: bytes) -> bytes:
    size = len(content)
    if size < 24:
        return bytes([0x40 + size]) + content
    width = 1 if size < 1 << 8 else 2 if size < 1 << 16 else 4
    return bytes([0x57 + width if width < 4 else 0x5A]) + size.to_bytes(width, "big") + content


@dataclass(frozen=True, slots=True)
class _Tagged:
    tag: int
    value: Any


class _Reader:
    """Reads the part of CBOR certificates use, in its one deterministic form; anything else is refused."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0
        self._layer = "cbor"

    def whole(self, layer: str) -> Any:  # noqa: ANN401 - what the bytes hold
        """Read one value to the last byte."""
        self._layer = layer
        value = self._value(0)
        if self._at != len(self._content):
            raise RefusedError(layer, "altered")
        return value

    def _take(self, count: int) -> bytes:
        found = self._content[self._at : self._at + count]
        if len(found) < count:
            raise RefusedError(self._layer, "cut")
        self._at += count
        return found

    def _head(self) -> tuple[int, int]:
        first = self._take(1)[0]
        major, short = first >> 5, first & 31
        if short < 24 or major == 7:
            return major, short
        if short > 27:
            raise RefusedError(self._layer, "altered")
        number = int.from_bytes(self._take(1 << short - 24), "big")
        # The shortest way to write a number is the only one.
        if number < (24, 1 << 8, 1 << 16, 1 << 32)[short - 24]:
            raise RefusedError(self._layer, "altered")
        return major, number

    def _value(self, depth: int) -> Any:  # noqa: ANN401, PLR0911 - as above; one return a kind of value
        if depth > DEEPEST:
            raise RefusedError(self._layer, "altered")
        major, number = self._head()
        if major in (0, 1):
            return number if major == 0 else -1 - number
        if major == 2:
            return self._take(number)
        if major == 3:
            return self._text(number)
        if major in (4, 5) and number > len(self._content):
            raise RefusedError(self._layer, "cut")
        if major == 4:
            return [self._value(depth + 1) for _ in range(number)]
        if major == 5:
            return self._map(number, depth)
        if major == 6:
            return _Tagged(number, self._value(depth + 1))
        return self._bool(number)

    def _bool(self, number: int) -> bool:
        if number not in (20, 21):
            raise RefusedError(self._layer, "altered")
        return number == 21

    def _text(self, size: int) -> str:
        try:
            return self._take(size).decode()
        except UnicodeDecodeError:
            raise RefusedError(self._layer, "altered") from None

    def _map(self, count: int, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        last = b""
        for _ in range(count):
            began = self._at
            key = self._value(depth + 1)
            written = self._content[began : self._at]
            # Keys stand in the order of RFC 7049's canonical form: the shorter first, then byte by byte.
            if not isinstance(key, int | bytes | str) or (last and (len(written), written) <= (len(last), last)):
                raise RefusedError(self._layer, "altered")
            last = written
            found[key] = self._value(depth + 1)
        return found
