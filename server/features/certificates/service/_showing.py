"""Showing: codes for the next ten minutes at once, so that the phone needs no network while it shows them.

A code is good for its half minute and the next, once for each who checks it; showing it on another phone of the same
login ends the first. A code on paper, for whoever has no phone, lasts half a year or until somebody ends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Actor, Anonymous, Citizen, Staff
from server.errors import Conflict, Gone, NotFound
from server.features.audit import service as audit
from server.features.certificates.models import Certificate, CertificateShowing, CertificateState
from server.features.certificates.schemas import PresentationOut, PrintedOut
from server.features.certificates.service._changes import reached
from server.features.certificates.service._wallet import mine
from server.features.thread import service as thread
from server.kit import clock, rotating

PRINTED_FOR = timedelta(days=180)
# Somebody whose screen did not answer taps again: that is the same look.
SAME_LOOK = timedelta(seconds=10)
KEPT = timedelta(days=1)

_USE = """
    INSERT INTO certificate_code_use (name, step, verifier, at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (name, step, verifier) DO UPDATE SET at = certificate_code_use.at RETURNING at
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a code led to: the certificate, how, and why not at once ("" if nothing speaks against it)."""

    certificate_id: UUID | None
    way: str
    refused: str = ""


NOTHING = Scanned(certificate_id=None, way="none", refused="unknown")


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
    codes = rotating.codes(name, _secret(name))
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


async def scanned(actor: Actor, token: str) -> Scanned:
    """Find what a code is of, and use it up for whoever checks; in the caller's transaction."""
    code = rotating.read(token)
    if code is not None:
        return await _shown(actor, code)
    try:
        printed = await thread.resolve_code(token, "certificate")
    except Gone:
        return Scanned(certificate_id=None, way="printed", refused="code_expired")
    except NotFound:
        return NOTHING
    return Scanned(certificate_id=printed.subject_id, way="printed")


async def _shown(actor: Actor, code: rotating.Code) -> Scanned:
    showing = await CertificateShowing.get_or_none(name=code.name)
    step = None if showing is None else rotating.step_of(code, _secret(code.name))
    if showing is None or step is None:
        return NOTHING
    why = ""
    now = clock.now()
    if showing.ended_at is not None:
        why = "other_device"
    elif not rotating.is_current(step, now - showing.created_at):
        why = "code_expired"
    elif now - await db.fetchval(_USE, code.name, step, _verifier(actor), now) > SAME_LOOK:
        why = "reused"
    return Scanned(certificate_id=showing.certificate_id, way="shown", refused=why)


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


def _secret(name: str) -> bytes:
    return db.blind_index("certificate.showing", name)


def _verifier(actor: Actor) -> bytes:
    """Name whoever checks: the login, or the address of somebody not logged in, which is not kept in clear."""
    who = actor.address if isinstance(actor, Anonymous) else str(getattr(actor, "account_id", actor.address))
    return db.blind_index("certificate.verifier", who)
