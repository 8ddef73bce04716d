"""One certificate in clear, as its holder reads it: what it says, who checked it, who asked for more."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Citizen
from server.features.certificates.models import CertificateScan, CertificateState, CertificateType
from server.features.certificates.schemas import CertificateOut, FieldValue, ScanOut
from server.features.certificates.service._consents import consents_of
from server.features.certificates.service._showing import printed_until
from server.features.certificates.service._telling import on_record
from server.features.certificates.service._wallet import cards, mine
from server.kit.texts import text

SCANS_SHOWN = 20


async def get(actor: Citizen, certificate_id: UUID) -> CertificateOut:
    """Show one certificate of mine in clear, and who has checked it. Who opened it is on record."""
    certificate = await mine(actor, certificate_id)
    async with db.tx():
        await on_record(actor, "viewed", certificate)
    kind = await CertificateType.get(id=certificate.type_id)
    # The card says until when it is valid, and in the reader's language.
    until = {rule["label"] for rule in kind.layout if rule["source"] == "valid_until"}
    scans = await CertificateScan.filter(certificate_id=certificate.id).order_by("-created_at").limit(SCANS_SHOWN)
    return CertificateOut(
        card=(await cards([certificate], actor))[0],
        number=certificate.number,
        fields=[
            FieldValue(label=row["label"], value=row["value"])
            for row in certificate.content["fields"]
            if row["label"] not in until
        ],
        scans=[
            ScanOut(
                at=scan.created_at,
                who=text(actor.locale, f"certificates.scanned_by.{'member' if scan.account_id else 'stranger'}"),
                result=scan.result,
                result_text=text(actor.locale, f"certificates.check.{scan.result}"),
            )
            for scan in scans
        ],
        consents=await consents_of(actor, certificate),
        printed_until=await printed_until(certificate.id),
        can=["present", "print", "draw"] if certificate.standing is CertificateState.VALID else [],
    )
