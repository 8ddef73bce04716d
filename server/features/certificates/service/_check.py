"""Checking: one answer without login, only what the kind of certificate lets strangers read, never a yes in doubt."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from server import db
from server.actor import Actor, Citizen
from server.errors import Gone, NotFound
from server.features.certificates.models import Certificate, CertificateScan, CertificateState
from server.features.certificates.schemas import CheckOut, FieldValue
from server.features.certificates.service._keys import genuine, lost
from server.features.certificates.service._payload import Payload
from server.features.certificates.service._wallet import number_masked
from server.features.thread import service as thread
from server.kit import clock
from server.kit.texts import text
from server.ports import OutsideError, Signer

Result = Literal[
    "valid",
    "expired",
    "revoked",
    "suspended",
    "superseded",
    "future",
    "key_lost",
    "code_expired",
    "unknown",
    "broken",
    "unsure",
]
RESULTS: dict[CertificateState, Result] = {
    CertificateState.VALID: "valid",
    CertificateState.EXPIRED: "expired",
    CertificateState.REVOKED: "revoked",
    CertificateState.SUSPENDED: "suspended",
    CertificateState.SUPERSEDED: "superseded",
}


async def check(actor: Actor, signer: Signer, token: str, host: str) -> CheckOut:
    """Check the certificate behind a scanned code. Every "no" is an answer, not an error; the holder can read of it.

    `token` may be the whole scanned address. `host` is the address the scanner should see on the screen.
    """
    try:
        code = await thread.resolve_code(token.strip().rsplit("/", 1)[-1], "certificate")
    except Gone:
        return _no("code_expired", actor, host)
    except NotFound:
        return _no("unknown", actor, host)
    certificate = await Certificate.get(id=code.subject_id)
    result, payload = judged(certificate, signer)
    async with db.tx():
        await CertificateScan.create(
            certificate_id=certificate.id,
            token=code.token,
            account_id=actor.account_id if isinstance(actor, Citizen) else None,
            result=result,
        )
    return _yes(payload, actor, host) if result == "valid" and payload else _no(result, actor, host)


def judged(certificate: Certificate, signer: Signer) -> tuple[Result, Payload | None]:
    """Say how a certificate stands. A seal that cannot be asked proves nothing: `unsure`."""
    try:
        payload = genuine(certificate, signer)
        known = not lost(certificate, signer)
    except OutsideError:
        return "unsure", None
    if payload is None:
        # Issued before certificates were signed in this form: the worker does it within the minute.
        return ("unsure" if certificate.payload_sealed is None else "broken"), None
    if certificate.standing is not CertificateState.VALID:
        return RESULTS[certificate.standing], payload
    if not known:
        return "key_lost", payload
    return ("future" if payload.begins > clock.now() else "valid"), payload


def _no(result: Result, actor: Actor, host: str) -> CheckOut:
    return CheckOut(
        result=result,
        result_text=text(actor.locale, f"certificates.check.{result}"),
        type=None,
        holder=None,
        number_masked=None,
        issuer=None,
        valid_until=None,
        fields=[],
        sample=False,
        checked_at=clock.now(),
        host=host,
    )


def _yes(payload: Payload, actor: Actor, host: str) -> CheckOut:
    return CheckOut(
        result="valid",
        result_text=text(actor.locale, "certificates.check.valid"),
        type=payload.type,
        holder=payload.holder,
        number_masked=number_masked(payload.number),
        issuer=payload.issuer,
        valid_until=(payload.ends - timedelta(days=1)).date() if payload.ends else None,
        fields=[FieldValue(label=label, value=value) for label, value in payload.lines],
        sample=payload.sample,
        checked_at=clock.now(),
        host=host,
    )
