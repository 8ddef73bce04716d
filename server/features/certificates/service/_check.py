"""Checking: one answer without login, only what the kind of certificate lets strangers read, never a yes in doubt."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from msgspec import convert

from server import db
from server.actor import Actor, Citizen
from server.features.certificates.models import Certificate, CertificateScan, CertificateState
from server.features.certificates.schemas import CheckOut, FieldValue, Result
from server.features.certificates.service._keys import genuine, lost
from server.features.certificates.service._payload import Payload
from server.features.certificates.service._showing import Scanned
from server.features.certificates.service._showing import scanned as showing
from server.features.certificates.service._text import judge_text
from server.features.certificates.service._wallet import number_masked
from server.kit import clock
from server.kit.texts import text
from server.ports import OutsideError, Signer

# A code of ours has 22 letters, one that a phone shows 28.
LONGEST_CODE = 64
RESULTS: dict[CertificateState, Result] = {
    CertificateState.VALID: "valid",
    CertificateState.EXPIRED: "expired",
    CertificateState.REVOKED: "revoked",
    CertificateState.SUSPENDED: "suspended",
    CertificateState.SUPERSEDED: "superseded",
}


@db.transactional
async def check(actor: Actor, signer: Signer, scanned: str, host: str) -> CheckOut:
    """Check what was scanned. Every "no" is an answer, not an error; every check is kept, and its holder reads of it.

    `scanned` is a code, the whole address with it, or the signed text alone; where there is a text it must hold, too.
    `host` is the address the scanner should see on the screen.
    """
    address, _, written = scanned.strip().partition("#")
    token = address.rstrip("/").rsplit("/", 1)[-1]
    if not written and len(token) > LONGEST_CODE:
        token, written = "", token
    found = await showing(actor, token) if token else await _by_text(signer, written)
    result, payload = await _judged(found, signer)
    if token and written and result == "valid" and payload:
        result = _as_written(written, payload, signer)
    kept = await CertificateScan.create(
        certificate_id=found.certificate_id,
        token=token[:LONGEST_CODE] if found.certificate_id else "",
        account_id=actor.account_id if isinstance(actor, Citizen) else None,
        result=result,
        way=found.way,
    )
    if result != "valid" or payload is None:
        return _no(result, actor, host)
    return _yes(payload, actor, host, kept.id if isinstance(actor, Citizen) else None)


async def _by_text(signer: Signer, written: str) -> Scanned:
    """Find the certificate a signed text is of: the text proves what was said, the row how it stands now."""
    try:
        result, payload = judge_text(written, signer, lambda _index: "valid", clock.now())
    except OutsideError:
        return Scanned(certificate_id=None, way="text", refused="unsure")
    found = payload and await Certificate.get_or_none(number=payload.number)
    # What is only too old or too early to be sure of, the row knows better.
    known = result in ("valid", "unsure", "key_lost")
    refused = "" if found and known else "unknown" if result == "valid" else result
    return Scanned(certificate_id=found.id if found else None, way="text", refused=refused)


async def _judged(found: Scanned, signer: Signer) -> tuple[Result, Payload | None]:
    if found.refused or found.certificate_id is None:
        return convert(found.refused or "unknown", Result), None
    return judged(await Certificate.get(id=found.certificate_id), signer)


def _as_written(written: str, payload: Payload, signer: Signer) -> Result:
    """Say whether the text beside a code is a certificate of ours, and the same one."""
    result, said = judge_text(written, signer, lambda _index: "valid", clock.now())
    if said is not None and said.number != payload.number:
        return "altered"
    # A text signed under a key that was lost since: the row has been signed again, and counts.
    return "valid" if result in ("unsure", "key_lost") else convert(result, Result)


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
        check_id=None,
    )


def _yes(payload: Payload, actor: Actor, host: str, check_id: UUID | None) -> CheckOut:
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
        check_id=check_id,
    )
