"""Showing: codes for the next ten minutes at once, so that the phone needs no network while it shows them.

A code is good for its half minute and the next, once for each who checks it; showing it on another phone of the same
login ends the first. A code on paper, for whoever has no phone, lasts half a year or until somebody ends it.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from server import db
from server.actor import Citizen
from server.errors import Conflict
from server.features.certificates.models import Certificate, CertificateShowing, CertificateState
from server.features.certificates.schemas import PresentationOut, PrintedOut
from server.features.certificates.service._looks import secret_of
from server.features.certificates.service._telling import on_record
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
async def print_code(actor: Citizen, certificate_id: UUID, public_url: str) -> PrintedOut:
    """Make a code for paper, with the signed text behind its `#`; the one before ends. Refuses as `present`."""
    certificate = await mine(actor, certificate_id)
    made = await new_code(certificate.id, public_url)
    await on_record(actor, "printed", certificate)
    return made


async def new_code(certificate_id: UUID, public_url: str) -> PrintedOut:
    """Make the one code on paper that a certificate has, in the caller's transaction. Refuses as `present`."""
    # Held, so that of two who print at once the later ends the earlier's.
    certificate = await _valid(await Certificate.filter(id=certificate_id).select_for_update().get())
    await thread.revoke_codes("certificate", certificate.id)
    expires = clock.now() + PRINTED_FOR
    token = await thread.issue_code("certificate", certificate.id, thread_id=certificate.thread_id, expires=expires)
    return PrintedOut(url=f"{public_url}/q/{token}#{certificate.payload}", expires_at=expires)


async def printed_until(certificate_id: UUID) -> date | None:
    """Say until when the code on paper is good; None when there is none."""
    found = await thread.last_code("certificate", certificate_id)
    return found.expires_at.astimezone(clock.SHANGHAI).date() if found and found.expires_at else None


@db.transactional
async def end_printed(actor: Citizen, certificate_id: UUID) -> None:
    """End the code on paper: it was lost, or is not needed any longer."""
    certificate = await mine(actor, certificate_id)
    await end_code(certificate.id)
    await on_record(actor, "print_ended", certificate)


async def end_code(certificate_id: UUID) -> None:
    """End it, in the caller's transaction; one that is being made meanwhile is waited for."""
    await Certificate.filter(id=certificate_id).select_for_update().get()
    await thread.revoke_codes("certificate", certificate_id)


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
