"""Who hears of a certificate: its person, or whoever acts for its enterprise today, not whoever applied once."""

from __future__ import annotations

from server.actor import Actor
from server.features.audit import service as audit
from server.features.certificates.models import Certificate
from server.features.push import service as push


async def say(certificate: Certificate, message: push.Message, dedupe: str) -> None:
    """Say something of a certificate, in the caller's transaction, once for each `dedupe`."""
    await push.send_to_party(
        message,
        person_id=certificate.person_id,
        enterprise_id=certificate.enterprise_id,
        thread_id=certificate.thread_id,
        dedupe=dedupe,
    )


async def on_record(actor: Actor, action: str, certificate: Certificate, **said: str) -> None:
    """Put on record what was done with one, in the caller's transaction, for those whose it is to read."""
    await audit.record(
        actor,
        f"certificates.{action}",
        "certificate",
        certificate.id,
        person_id=certificate.holder_id,
        thread_id=certificate.thread_id,
        **said,
    )
