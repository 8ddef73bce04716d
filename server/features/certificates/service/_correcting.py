"""What was wrong in a certificate is put right by its next version: a register that was mended mends what it made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from server import db
from server.actor import Staff
from server.features.certificates.models import Certificate, CertificateChange, CertificateState, CertificateType
from server.features.certificates.service._changes import reached, supersede
from server.ports import Signer


@db.transactional
async def correct(
    actor: Staff,
    signer: Signer,
    lines: Mapping[str, str],
    *,
    person_id: UUID,
    enterprise_id: UUID | None,
    wrong: Callable[[str], bool],
    right: str,
    basis: str,
) -> set[UUID]:
    """Issue the next version of each valid certificate which shows a wrong entry, where the actor may.

    `lines` names the entry by the type's key. Gives the departments whose certificates the actor has no right to, or
    which something else is asked for: there somebody else has to look.
    """
    kinds = {kind.id: kind for kind in await CertificateType.filter(key__in=list(lines))}
    mine = Certificate.of_parties((), (enterprise_id,)) if enterprise_id else Certificate.of_parties((person_id,), ())
    held = await mine.filter(type_id__in=list(kinds), state=CertificateState.VALID).order_by("created_at", "id")
    own = {row.id for row in await (await reached(actor)).filter(id__in=[row.id for row in held])}
    left = set()
    for row in held:
        kind = kinds[row.type_id]
        labels = {rule["label"] for rule in kind.layout if rule["key"] == lines[kind.key]}
        shown = [said["label"] for said in row.content["fields"] if said["label"] in labels and wrong(said["value"])]
        if not shown or row.standing is not CertificateState.VALID:
            continue
        if row.id not in own or await CertificateChange.filter(certificate_id=row.id, state="asked").exists():
            left.add(row.department_id)
            continue
        await supersede(actor, signer, row.id, basis, dict.fromkeys(shown, right))
    return left
