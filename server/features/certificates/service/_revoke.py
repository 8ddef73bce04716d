"""Taking certificates back: whoever checks one afterwards is told so at once."""

from __future__ import annotations

from uuid import UUID

from server.actor import Staff
from server.features.audit import service as audit
from server.features.certificates.models import Certificate, CertificateState
from server.features.thread import service as thread

STANDING = (CertificateState.VALID, CertificateState.SUSPENDED)


async def revoke_of_thread(actor: Staff, thread_id: UUID) -> int:
    """Revoke what was issued on a matter, in the caller's transaction; say how many stood until then."""
    rows = await Certificate.filter(thread_id=thread_id, state__in=STANDING).select_for_update()
    for row in rows:
        row.state = CertificateState.REVOKED
        await row.save(update_fields=["state"])
        await thread.record(thread_id, "certificates.revoked", actor, certificate_id=str(row.id))
        await audit.record(
            actor, "certificates.revoked", "certificate", row.id, person_id=row.person_id, thread_id=thread_id
        )
    return len(rows)
