"""Keys over time: which ones a signature may rest on, and what is signed again when one is lost.

A signature made before its key was lost still counts, because the row says when we made it; one made afterwards does
not, until an officer has looked at it. The worker signs the former again, so that nobody has to come for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from server import db
from server.actor import System
from server.features.certificates.models import Certificate, CertificateType
from server.features.certificates.schemas import KeyOut
from server.features.certificates.service import _payload
from server.features.certificates.service._looks import Seen
from server.features.certificates.service._signed import holds
from server.features.certificates.service._telling import on_record
from server.kit import clock, cose
from server.kit.sealing import UnsealError
from server.ports import Signer, SigningKey

WORKER = System(name="certificates")


def genuine(certificate: Certificate | Seen, signer: Signer) -> _payload.Payload | None:
    """Give what a key of ours signed of this row, if that is what the row says now; None otherwise."""
    try:
        text, content = certificate.payload, certificate.content
        message = _payload.read(text or "")
        payload = _payload.claims_of(message)
    except (UnsealError, cose.CoseError):
        return None
    until = certificate.valid_until
    beside = (certificate.number, until.isoformat() if until else None, certificate.sample, certificate.status_index)
    if beside != (content["number"], content["valid_until"], content["sample"], payload.index):
        return None
    if payload.digest != _payload.digest(content) or message.key_id != certificate.key_id:
        return None
    return payload if holds(message, signer) else None


def lost(certificate: Certificate | Seen, signer: Signer) -> bool:
    """Say whether it was signed when somebody else may have had the key."""
    since = next((key.compromised_from for key in signer.every_key() if key.key_id == certificate.key_id), None)
    return since is not None and certificate.signed_at >= since


def keys(signer: Signer) -> list[KeyOut]:
    """List every public key, the newest first, for whoever checks without us."""
    now = clock.now()
    current = signer.key_id
    return [
        KeyOut(
            key_id=key.key_id,
            algorithm=key.algorithm,
            public_key=_payload.as_text(key.public),
            signs_from=key.signs_from,
            compromised_from=key.compromised_from,
            state=_state(key, current, now),
        )
        for key in reversed(signer.every_key())
    ]


def _state(key: SigningKey, current: str, now: datetime) -> Literal["current", "coming", "former", "compromised"]:
    if key.compromised_from is not None:
        return "compromised"
    if key.signs_from > now:
        return "coming"
    return "current" if key.key_id == current else "former"


async def sign_again(signer: Signer) -> int:
    """Sign what lost its key's word and was signed before that, and what was never signed in this form.

    Gives how many were signed; what is not genuine is left as it is.
    """
    done = 0
    for row in await _to_sign_again(signer):
        async with db.tx():
            certificate = await Certificate.filter(id=row).select_for_update().get()
            done += await _again(certificate, signer)
    return done


async def _to_sign_again(signer: Signer) -> list[object]:
    lost_keys = [(key.key_id, key.compromised_from) for key in signer.every_key() if key.compromised_from]
    rows = await db.fetch(
        "SELECT id FROM certificate WHERE payload_sealed IS NULL UNION ALL"
        " SELECT certificate.id FROM certificate JOIN unnest($1::text[], $2::timestamptz[]) AS lost (key_id, since)"
        " ON certificate.key_id = lost.key_id AND certificate.signed_at < lost.since WHERE payload_sealed IS NOT NULL"
        " ORDER BY id",
        [key for key, _ in lost_keys], [since for _, since in lost_keys],
    )  # fmt: skip
    return [row["id"] for row in rows]


async def _again(certificate: Certificate, signer: Signer) -> int:
    if certificate.payload_sealed is not None and genuine(certificate, signer) is None:
        return 0
    before = certificate.key_id if certificate.payload_sealed is not None else None
    kind = await CertificateType.get(id=certificate.type_id)
    _payload.seal(certificate, kind.key, signer)
    if before == certificate.key_id:
        return 0
    await certificate.save(update_fields=["payload_sealed", "key_id", "signed_at"])
    await on_record(WORKER, "signed_again", certificate, key_id=certificate.key_id)
    return 1
