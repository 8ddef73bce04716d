"""What is signed: the lines a stranger may read, as they are shown, and a hash of everything the certificate says.

The claims of RFC 8392 where there is one, numbers of our own below -70000 for the rest; `docs/decisions/0049` has the
table. Whoever has the public keys and the status list can check it without us.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec

from server.features.certificates.models import Certificate
from server.features.certificates.service._signed import signed as signed_message
from server.kit import clock, cose, masking
from server.ports import Signer

TYPE = "onetrip-certificate"
ISSUER, SUBJECT, ENDS, BEGINS, ISSUED = 1, 2, 4, 5, 6
KIND, KIND_NAME, INDEX, SAMPLE, HOLDER, LINES, DIGEST = range(-70001, -70008, -1)
CLAIMS = frozenset({ISSUER, SUBJECT, BEGINS, ISSUED, KIND, KIND_NAME, INDEX, SAMPLE, HOLDER, LINES, DIGEST})
# base64 of the longest certificate; a code holds less.
LONGEST = 6000

_canonical = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A signed message that has been read, not verified. `line` values are already masked."""

    number: str
    issuer: str
    kind: str
    type: str
    holder: str
    begins: datetime
    ends: datetime | None
    issued: datetime
    index: int
    sample: bool
    lines: tuple[tuple[str, str], ...]
    digest: bytes


def seal(certificate: Certificate, kind: str, signer: Signer) -> None:
    """Sign a certificate's content under the current key, now. Raises OutsideError when nobody can sign."""
    now = clock.now()
    content = certificate.content
    claims: dict[int, Any] = {
        ISSUER: content["issuer"],
        SUBJECT: certificate.number,
        BEGINS: _epoch(certificate.valid_from),
        ISSUED: int(now.timestamp()),
        KIND: kind,
        KIND_NAME: content["type"],
        INDEX: certificate.status_index,
        SAMPLE: certificate.sample,
        HOLDER: content["holder"] if certificate.enterprise_id else masking.name(content["holder"]),
        LINES: [[row["label"], shown(row["value"], row["masked"])] for row in content["fields"] if row["public"]],
        DIGEST: digest(content),
    }
    if certificate.valid_until is not None:
        claims[ENDS] = _epoch(certificate.valid_until + timedelta(days=1))
    message, key_id = signed_message(cose.encoded(claims), kind=TYPE, signer=signer)
    certificate.payload, certificate.key_id, certificate.signed_at = as_text(message), key_id, now


def digest(content: object) -> bytes:
    """Hash all that a certificate says; its salt keeps anybody from trying out what it may be."""
    return hashlib.sha256(_canonical.encode(content)).digest()


def as_text(message: bytes) -> str:
    """Write a message as it stands behind the `#` of an address."""
    return base64.urlsafe_b64encode(message).decode().rstrip("=")


def read(text: str) -> cose.Signed:
    """Read what `as_text` wrote. Raises `CoseError` for anything but a certificate of this form."""
    if not text or len(text) > LONGEST or len(text) % 4 == 1:
        raise cose.CoseError("no such length", "cut")
    try:
        message = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise cose.CoseError("not base64") from wrong
    if (written := as_text(message)) != text:
        # Only its last letter has bits too many: the rest was not read.
        raise cose.CoseError("not the one way to write it", "cut" if written[:-1] == text[:-1] else "altered")
    signed = cose.read(message)
    if signed.type != TYPE:
        raise cose.CoseError("signed for something else", "wrong_type")
    return signed


def claims_of(signed: cose.Signed) -> Payload:
    """Read what a message says, once its signature has been verified. Raises `CoseError`."""
    try:
        return _claims(signed)
    except cose.CoseError:
        raise
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError, OSError) as wrong:
        raise cose.CoseError("not the claims of a certificate") from wrong


def _claims(signed: cose.Signed) -> Payload:
    claims = cose.decoded(signed.payload)
    if set(claims) - {ENDS} != CLAIMS or not isinstance(claims[SAMPLE], bool) or not isinstance(claims[DIGEST], bytes):
        raise cose.CoseError("other claims")
    words = [claims[name] for name in (SUBJECT, ISSUER, KIND, KIND_NAME, HOLDER)]
    lines = tuple((label, value) for label, value in claims[LINES])
    whole = [claims[name] for name in (INDEX, BEGINS, ISSUED)] + ([claims[ENDS]] if ENDS in claims else [])
    right = all(isinstance(word, str) for word in (*words, *(word for line in lines for word in line)))
    if not right or any(type(number) is not int for number in whole) or claims[INDEX] < 0:
        raise cose.CoseError("claims of other types")
    return Payload(
        number=claims[SUBJECT],
        issuer=claims[ISSUER],
        kind=claims[KIND],
        type=claims[KIND_NAME],
        holder=claims[HOLDER],
        begins=_moment(claims[BEGINS]),
        ends=_moment(claims[ENDS]) if ENDS in claims else None,
        issued=_moment(claims[ISSUED]),
        index=claims[INDEX],
        sample=claims[SAMPLE],
        lines=lines,
        digest=claims[DIGEST],
    )


def shown(value: str, masked: str | None) -> str:
    """Show a line as far as a stranger may read it."""
    if masked == "name":
        return masking.name(value)
    return masking.document(value) if masked == "document" else value


def _epoch(day: date) -> int:
    return int(datetime.combine(day, time(), tzinfo=clock.SHANGHAI).timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=clock.SHANGHAI)
