"""Checking: one answer without login, only what the kind of certificate lets strangers read, never a yes in doubt."""

from __future__ import annotations

from typing import Literal

from server import db
from server.actor import Actor, Citizen
from server.errors import Gone, NotFound
from server.features.certificates.models import Certificate, CertificateScan, CertificateState
from server.features.certificates.schemas import CheckOut, FieldValue
from server.features.certificates.service._issue import canonical
from server.features.certificates.service._wallet import holder_masked, number_masked
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.sealing import UnsealError
from server.kit.texts import text
from server.ports import Signer

Result = Literal["valid", "expired", "revoked", "suspended", "superseded", "code_expired", "unknown", "broken"]
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
    result: Result = RESULTS[certificate.standing] if _genuine(certificate, signer) else "broken"
    async with db.tx():
        await CertificateScan.create(
            certificate_id=certificate.id,
            token=code.token,
            account_id=actor.account_id if isinstance(actor, Citizen) else None,
            result=result,
        )
    return _yes(certificate, actor, host) if result == "valid" else _no(result, actor, host)


def _genuine(certificate: Certificate, signer: Signer) -> bool:
    """Say whether a key of ours signed what the row says: its content, and the columns that decide or are shown."""
    try:
        content = certificate.content
    except UnsealError:
        return False
    until = certificate.valid_until
    beside = (certificate.number, until.isoformat() if until else None, certificate.sample)
    if beside != (content["number"], content["valid_until"], content["sample"]):
        return False
    return signer.verify(canonical(content), certificate.signature, certificate.key_id)


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


def _yes(certificate: Certificate, actor: Actor, host: str) -> CheckOut:
    content = certificate.content
    return CheckOut(
        result="valid",
        result_text=text(actor.locale, "certificates.check.valid"),
        type=content["type"],
        holder=holder_masked(certificate),
        number_masked=number_masked(certificate.number),
        issuer=content["issuer"],
        valid_until=certificate.valid_until,
        fields=[
            FieldValue(label=row["label"], value=_shown(row["value"], row["masked"]))
            for row in content["fields"]
            if row["public"]
        ],
        sample=certificate.sample,
        checked_at=clock.now(),
        host=host,
    )


def _shown(value: str, masked: str | None) -> str:
    if masked == "name":
        return masking.name(value)
    return masking.document(value) if masked == "document" else value
