"""Showing: codes for the next ten minutes at once, so that the phone needs no network while it shows them.

A code is good for its half minute and the next, once for each who checks it; showing it on another phone of the same
login ends the first. A code on paper, for whoever has no phone, lasts half a year or until somebody ends it.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Actor, Citizen, Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.certificates.models import Certificate, CertificateShowing, CertificateState
from server.features.certificates.schemas import PresentationOut, PrintedOut
from server.features.certificates.service._changes import reached
from server.features.certificates.service._looks import secret_of
from server.features.certificates.service._wallet import mine
from server.features.thread import service as thread
from server.kit import clock, rotating

PRINTED_FOR = timedelta(days=180)
KEPT = timedelta(days=1)


@db.transactional
async def present(actor: Citizen, certificate_id: UUID, public_url: str) -> PresentationOut:
    """Make ten minutes of codes, one each half minute. Refuses `certificates.not_valid`."""
    certificate = await _valid(await mine(actor, certificate_id))
    now = clock.now()
    elsewhere = CertificateShowing.filter(certificate_id=certificate.id, account_id=actor.account_id, ended_at=None)
    await elsewhere.exclude(session_id=actor.session_id).update(ended_at=now)
    name = rotating.new_name()
    await CertificateShowing.create(
        name=name,
        created_at=now,
        certificate_id=certificate.id,
        account_id=actor.account_id,
        session_id=actor.session_id,
    )
    codes = rotating.codes(name, secret_of(name))
    return PresentationOut(
        token=codes[0],
        urls=[f"{public_url}/q/{code}" for code in codes],
        expires_at=now + rotating.STEP * rotating.STEPS,
        refresh_seconds=int(rotating.STEP.total_seconds()),
    )


@db.transactional
async def print_code(actor: Citizen | Staff, certificate_id: UUID, public_url: str) -> PrintedOut:
    """Make a code for paper, with the signed text behind its `#`; the one before ends. Refuses as `present`."""
    certificate = await _valid(await _reach(actor, certificate_id))
    await thread.revoke_codes("certificate", certificate.id)
    expires = clock.now() + PRINTED_FOR
    token = await thread.issue_code("certificate", certificate.id, thread_id=certificate.thread_id, expires=expires)
    await _on_record(actor, "certificates.printed", certificate)
    return PrintedOut(url=f"{public_url}/q/{token}#{certificate.payload}", expires_at=expires)


@db.transactional
async def end_printed(actor: Citizen | Staff, certificate_id: UUID) -> None:
    """End the code on paper: it was lost, or is not needed any longer."""
    certificate = await _reach(actor, certificate_id)
    await thread.revoke_codes("certificate", certificate.id)
    await _on_record(actor, "certificates.print_ended", certificate)


def is_shown_code(token: str) -> bool:
    """Say whether a token has the form of a code that a phone shows; whether it is one, a check says."""
    return rotating.read(token) is not None


async def forget_showings() -> int:
    """Remove what was shown yesterday; nobody can show it any more."""
    return await CertificateShowing.filter(created_at__lt=clock.now() - KEPT).delete()


async def _valid(certificate: Certificate) -> Certificate:
    if certificate.standing is not CertificateState.VALID:
        raise Conflict("certificates.not_valid")
    return certificate


async def _reach(actor: Citizen | Staff, certificate_id: UUID) -> Certificate:
    if isinstance(actor, Citizen):
        return await mine(actor, certificate_id)
    found = await (await reached(actor)).get_or_none(id=certificate_id)
    if found is None:
        raise NotFound
    return found


async def _on_record(actor: Actor, action: str, certificate: Certificate) -> None:
    await audit.record(
        actor,
        action,
        "certificate",
        certificate.id,
        person_id=certificate.person_id,
        thread_id=certificate.thread_id,
    )
