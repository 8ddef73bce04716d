"""Suspending, resuming, revoking, replacing: on a basis, by an officer of the department that issued it.

What takes something from its holder needs a second officer. Every change is on the timeline, in the audit and in the
status list, and the holder is told in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.queryset import QuerySet

from server import db
from server.actor import Actor, Role, Staff
from server.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from server.features.catalogue import service as catalogue
from server.features.certificates import messages
from server.features.certificates.models import (
    Certificate,
    CertificateChange,
    CertificateState,
    CertificateType,
    ChangeVerb,
)
from server.features.certificates.service import _payload
from server.features.certificates.service._issue import next_version
from server.features.certificates.service._keys import lost
from server.features.certificates.service._telling import on_record, say
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock
from server.ports import Signer

OFFICERS = (Role.REVIEWER,)
TAKING = (ChangeVerb.SUSPEND, ChangeVerb.REVOKE)
LONGEST = 300

# What each verb makes of which states.
MOVES: dict[ChangeVerb, tuple[tuple[CertificateState, ...], CertificateState]] = {
    ChangeVerb.SUSPEND: ((CertificateState.VALID,), CertificateState.SUSPENDED),
    ChangeVerb.RESUME: ((CertificateState.SUSPENDED,), CertificateState.VALID),
    ChangeVerb.REVOKE: ((CertificateState.VALID, CertificateState.SUSPENDED), CertificateState.REVOKED),
    ChangeVerb.EXPIRE: ((CertificateState.VALID,), CertificateState.EXPIRED),
    ChangeVerb.SUPERSEDE: ((CertificateState.VALID,), CertificateState.SUPERSEDED),
    ChangeVerb.SIGN_AGAIN: ((CertificateState.VALID,), CertificateState.VALID),
}
STEPS = {
    ChangeVerb.SUSPEND: "certificates.suspended",
    ChangeVerb.RESUME: "certificates.resumed",
    ChangeVerb.REVOKE: "certificates.revoked",
    ChangeVerb.EXPIRE: "certificates.expired",
    ChangeVerb.SUPERSEDE: "certificates.superseded",
}


async def reached(actor: Staff) -> QuerySet[Certificate]:
    """Reach what the actor's departments have issued: the only door for an officer."""
    places = await within(actor)
    return Certificate.all() if places is None else Certificate.filter(department_id__in=places)


async def within(actor: Staff) -> Collection[UUID] | None:
    """Name the departments whose certificates the actor answers for; None is all of them."""
    return await catalogue.departments_within(await identity.reach(actor, *OFFICERS))


@db.transactional
async def ask_change(actor: Staff, certificate_id: UUID, verb: str, basis: str) -> None:
    """Ask to suspend or revoke one; it stands until a second officer agrees.

    Raises NotFound, Conflict `certificates.moved` or `.asked_already`.
    """
    certificate = await _locked(actor, certificate_id)
    wanted = _verb(verb)
    if wanted not in TAKING:
        raise NotFound
    _require(certificate, wanted)
    change = CertificateChange(
        certificate_id=certificate.id, verb=wanted, basis=_words(basis), state="asked", staff_id=actor.staff_id
    )
    try:
        async with db.savepoint():
            await change.save(force_create=True)
    except IntegrityError as twice:
        raise Conflict("certificates.asked_already") from twice
    await on_record(actor, "change_asked", certificate, verb=wanted.value)


@db.transactional
async def agree_to_change(actor: Staff, change_id: UUID) -> None:
    """Agree as the second officer: it is done at once. Refuses `certificates.second_officer`."""
    change, certificate = await _asked(actor, change_id)
    if change.staff_id == actor.staff_id:
        raise Forbidden("certificates.second_officer")
    _require(certificate, change.verb)
    change.state, change.answered_by, change.answered_at = "done", actor.staff_id, clock.now()
    await change.save(update_fields=["state", "answered_by", "answered_at"])
    await apply(actor, certificate, change.verb)


@db.transactional
async def refuse_change(actor: Staff, change_id: UUID) -> None:
    """Not agree, or take one's own wish back: nothing changes for the holder."""
    change, certificate = await _asked(actor, change_id)
    change.state, change.answered_by, change.answered_at = "refused", actor.staff_id, clock.now()
    await change.save(update_fields=["state", "answered_by", "answered_at"])
    await on_record(actor, "change_refused", certificate, verb=change.verb.value)


@db.transactional
async def resume(actor: Staff, certificate_id: UUID, basis: str) -> None:
    """Let a suspended one count again: what gives back needs one officer."""
    certificate = await _locked(actor, certificate_id)
    await _done(actor, certificate, ChangeVerb.RESUME, basis)
    await apply(actor, certificate, ChangeVerb.RESUME)


@db.transactional
async def sign_one_again(actor: Staff, signer: Signer, certificate_id: UUID, basis: str) -> None:
    """Stand by a certificate that was signed when its key was lost already. Refuses `certificates.key_not_lost`."""
    certificate = await _locked(actor, certificate_id)
    if not lost(certificate, signer):
        raise Conflict("certificates.key_not_lost")
    await _done(actor, certificate, ChangeVerb.SIGN_AGAIN, basis)
    kind = await CertificateType.get(id=certificate.type_id)
    _payload.seal(certificate, kind.key, signer)
    certificate.status_changed_at = clock.now()
    await certificate.save(update_fields=["payload_sealed", "key_id", "signed_at", "status_changed_at"])
    await on_record(actor, "signed_again", certificate, key_id=certificate.key_id)


@db.transactional
async def supersede(
    actor: Staff, signer: Signer, certificate_id: UUID, basis: str, corrected: Mapping[str, str] | None = None
) -> UUID:
    """Issue the next version, with the holder's name and number as they are now; the old one says so when checked.

    `corrected` are entries that were wrong, as they are right, by their label. Refuses
    `certificates.asked_already` while its suspension or revocation is asked for.
    """
    certificate = await _locked(actor, certificate_id)
    if await CertificateChange.filter(certificate_id=certificate.id, state="asked").exists():
        raise Conflict("certificates.asked_already")
    await _done(actor, certificate, ChangeVerb.SUPERSEDE, basis)
    newer = await next_version(actor, signer, certificate, corrected)
    await apply(actor, certificate, ChangeVerb.SUPERSEDE)
    return newer


async def apply(actor: Actor, certificate: Certificate, verb: ChangeVerb, *, tells: bool = True) -> None:
    """Change the state, and say so on the timeline, in the audit and to the holder; in the caller's transaction."""
    certificate.state, certificate.status_changed_at = MOVES[verb][1], clock.now()
    await certificate.save(update_fields=["state", "status_changed_at"])
    await thread.record(certificate.thread_id, STEPS[verb], actor, certificate_id=str(certificate.id))
    await on_record(actor, STEPS[verb].removeprefix("certificates."), certificate)
    message = messages.OF_STATE.get(STEPS[verb])
    if tells and message is not None:
        await tell(certificate, message)


async def tell(certificate: Certificate, message: type[messages.CertificateNews], *, of: str = "") -> None:
    """Say to the holder what became of a certificate; once for each time it happened (or each `of`)."""
    await say(
        certificate,
        message(
            certificate_id=str(certificate.id),
            type=certificate.content["type"],
            issuer=certificate.content["issuer"],
            on=certificate.valid_until or clock.today(),
            at=clock.now(),
        ),
        f"{message.kind}:{certificate.id}:{of or certificate.status_changed_at.isoformat()}",
    )


async def revoke_of_thread(actor: Staff, thread_id: UUID) -> int:
    """Revoke what was issued on a matter, in the caller's transaction; say how many stood until then.

    The matter's own rules have asked for two persons, its notice says why, and its message tells the holder.
    """
    rows = await Certificate.filter(thread_id=thread_id, state__in=MOVES[ChangeVerb.REVOKE][0]).select_for_update()
    for row in rows:
        await CertificateChange.filter(certificate_id=row.id, state="asked").update(state="refused")
        await CertificateChange.create(
            certificate_id=row.id,
            verb=ChangeVerb.REVOKE,
            basis="",
            state="done",
            staff_id=actor.staff_id,
            of_matter=True,
        )
        await apply(actor, row, ChangeVerb.REVOKE, tells=False)
    return len(rows)


async def _locked(actor: Staff, certificate_id: UUID) -> Certificate:
    found = await (await reached(actor)).select_for_update().get_or_none(id=certificate_id)
    if found is None:
        raise NotFound
    return found


async def _asked(actor: Staff, change_id: UUID) -> tuple[CertificateChange, Certificate]:
    change = await CertificateChange.get_or_none(id=change_id)
    if change is None:
        raise NotFound
    certificate = await _locked(actor, change.certificate_id)
    change = await CertificateChange.filter(id=change_id).select_for_update().get()
    if change.state != "asked":
        raise Conflict("certificates.moved")
    return change, certificate


async def _done(actor: Staff, certificate: Certificate, verb: ChangeVerb, basis: str) -> None:
    _require(certificate, verb)
    await CertificateChange.create(
        certificate_id=certificate.id, verb=verb, basis=_words(basis), state="done", staff_id=actor.staff_id
    )


def _require(certificate: Certificate, verb: ChangeVerb) -> None:
    if certificate.standing not in MOVES[verb][0]:
        raise Conflict("certificates.moved")


def _verb(verb: str) -> ChangeVerb:
    try:
        return ChangeVerb(verb)
    except ValueError:
        raise NotFound from None


def _words(basis: str) -> str:
    words = basis.strip()
    if not words or len(words) > LONGEST:
        raise InvalidInput("invalid_input", fields=(FieldError("basis", "required"),))
    return words
