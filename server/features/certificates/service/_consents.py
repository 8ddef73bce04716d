"""用证授权: an enterprise that has just checked a certificate asks for all it says, with a purpose.

Its holder decides, on their own phone; a yes is good for one look, for that purpose, within half an hour. The holder
reads who asked, why, and when they looked.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from msgspec import convert

from server import db
from server.actor import Citizen
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.certificates import messages
from server.features.certificates.models import Certificate, CertificateConsent, CertificateScan, CertificateType
from server.features.certificates.schemas import ConsentAskIn, ConsentFields, ConsentState, ConsentView, FieldValue
from server.features.certificates.service._check import judged
from server.features.certificates.service._telling import on_record, say
from server.features.certificates.service._wallet import holder_masked, number_masked
from server.features.identity import service as identity
from server.kit import clock
from server.kit.texts import text
from server.ports import Signer

# From the check to the asking, from the asking to the answer, from the answer to the look.
ASKED_WITHIN = timedelta(minutes=10)
ANSWERED_WITHIN = timedelta(minutes=30)
READ_WITHIN = timedelta(minutes=30)
SHOWN = 20

_READ = """
    UPDATE certificate_consent SET state = 'read', read_at = $2
    WHERE id = $1 AND state = 'given' AND until > $2 RETURNING id
"""


@db.transactional
async def ask_consent(actor: Citizen, wish: ConsentAskIn) -> ConsentView:
    """Ask the holder of a certificate that the actor has just checked, for an enterprise of theirs.

    Raises NotFound `certificates.check_again` for a check that is not the actor's, not a yes or too long ago, and
    Conflict `certificates.asked_consent`.
    """
    purpose = wish.purpose.strip()
    if not purpose:
        raise InvalidInput("invalid_input", fields=(FieldError("purpose", "required"),))
    await identity.party(actor, enterprise_id=wish.enterprise_id)
    now = clock.now()
    check = await CertificateScan.get_or_none(id=wish.check_id, account_id=actor.account_id, result="valid")
    if check is None or check.certificate_id is None or check.created_at < now - ASKED_WITHIN:
        raise NotFound("certificates.check_again")
    certificate = await Certificate.filter(id=check.certificate_id).select_for_update().get()
    asked = CertificateConsent.filter(certificate_id=certificate.id, enterprise_id=wish.enterprise_id, state="asked")
    await asked.filter(until__lte=now).update(state="lapsed")
    if await asked.exists():
        raise Conflict("certificates.asked_consent")
    row = await CertificateConsent.create(
        certificate_id=certificate.id,
        enterprise_id=wish.enterprise_id,
        account_id=actor.account_id,
        purpose=purpose,
        until=now + ANSWERED_WITHIN,
    )
    await on_record(actor, "consent_asked", certificate, consent_id=str(row.id))
    enterprise = (await identity.enterprise(wish.enterprise_id)).name
    await say(
        certificate,
        messages.ConsentAsked(
            consent_id=str(row.id), enterprise=enterprise, type=certificate.content["type"], purpose=purpose, at=now
        ),
        f"certificates.consent_asked:{row.id}",
    )
    return await _shown(actor, row, certificate)


async def consent(actor: Citizen, consent_id: UUID) -> ConsentView:
    """Show one to its holder, or to whoever asked. Raises NotFound for anybody else."""
    row, certificate = await _one(actor, consent_id)
    return await _shown(actor, row, certificate)


@db.transactional
async def answer_consent(actor: Citizen, consent_id: UUID, *, agree: bool) -> ConsentView:
    """Say yes or no; only the holder's side can. Refuses `certificates.consent_over`."""
    row, certificate = await _one(actor, consent_id)
    row = await CertificateConsent.filter(id=row.id).select_for_update().get()
    if not await _holds(actor, certificate):
        raise NotFound
    if _standing(row) != "asked":
        raise Conflict("certificates.consent_over")
    now = clock.now()
    row.state, row.answered_at = ("given" if agree else "refused"), now
    row.until = now + READ_WITHIN if agree else now
    await row.save(update_fields=["state", "answered_at", "until"])
    await on_record(actor, f"consent_{row.state}", certificate, consent_id=str(row.id))
    return await _shown(actor, row, certificate)


@db.transactional
async def take_consent_back(actor: Citizen, consent_id: UUID) -> ConsentView:
    """Take a yes back that nobody has used yet."""
    row, certificate = await _one(actor, consent_id)
    row = await CertificateConsent.filter(id=row.id).select_for_update().get()
    if not await _holds(actor, certificate):
        raise NotFound
    if _standing(row) != "given":
        raise Conflict("certificates.consent_over")
    row.state, row.until = "refused", clock.now()
    await row.save(update_fields=["state", "until"])
    await on_record(actor, "consent_refused", certificate, consent_id=str(row.id))
    return await _shown(actor, row, certificate)


@db.transactional
async def read_by_consent(actor: Citizen, signer: Signer, consent_id: UUID) -> ConsentFields:
    """Read all that the certificate says: once. Refuses `certificates.consent_over`, `certificates.not_valid`."""
    row, certificate = await _one(actor, consent_id)
    if row.account_id != actor.account_id:
        raise NotFound
    await identity.party(actor, enterprise_id=row.enterprise_id)
    if judged(certificate, signer)[0] != "valid":
        raise Conflict("certificates.not_valid")
    if await db.fetchval(_READ, row.id, clock.now()) is None:
        raise Conflict("certificates.consent_over")
    await on_record(actor, "consent_read", certificate, consent_id=str(row.id))
    row = await CertificateConsent.get(id=row.id)
    return ConsentFields(
        consent=await _shown(actor, row, certificate),
        number=certificate.number,
        fields=[FieldValue(label=line["label"], value=line["value"]) for line in certificate.content["fields"]],
    )


async def consents_of(actor: Citizen, certificate: Certificate) -> list[ConsentView]:
    """List who asked for a certificate of mine, the newest first; the caller has checked that it is mine."""
    rows = await CertificateConsent.filter(certificate_id=certificate.id).order_by("-created_at").limit(SHOWN)
    if not rows:
        return []
    kind = await CertificateType.get(id=certificate.type_id)
    names = await identity.enterprise_names(row.enterprise_id for row in rows)
    return [_view(actor, row, certificate, kind.name, names[row.enterprise_id], holds=True) for row in rows]


async def _one(actor: Citizen, consent_id: UUID) -> tuple[CertificateConsent, Certificate]:
    row = await CertificateConsent.get_or_none(id=consent_id)
    if row is None:
        raise NotFound
    certificate = await Certificate.get(id=row.certificate_id)
    if not await _asks(actor, row) and not await _holds(actor, certificate):
        raise NotFound
    return row, certificate


async def _asks(actor: Citizen, row: CertificateConsent) -> bool:
    """Say whether the actor has asked, and still acts for the enterprise in whose name it was."""
    return row.account_id == actor.account_id and row.enterprise_id in (await identity.parties(actor)).enterprise_ids


async def _holds(actor: Citizen, certificate: Certificate) -> bool:
    parties = await identity.parties(actor)
    return await Certificate.of_parties(parties.person_ids, parties.enterprise_ids).filter(id=certificate.id).exists()


def _standing(row: CertificateConsent) -> ConsentState:
    over = row.state in ("asked", "given") and row.until <= clock.now()
    return "lapsed" if over else convert(row.state, ConsentState)


async def _shown(actor: Citizen, row: CertificateConsent, certificate: Certificate) -> ConsentView:
    kind = await CertificateType.get(id=certificate.type_id)
    enterprise = await identity.enterprise(row.enterprise_id)
    holds = await _holds(actor, certificate)
    return _view(actor, row, certificate, kind.name, enterprise.name, holds=holds)


def _view(
    actor: Citizen, row: CertificateConsent, certificate: Certificate, kind: str, enterprise: str, *, holds: bool
) -> ConsentView:
    state = _standing(row)
    mine = row.account_id == actor.account_id
    can = {"asked": ["agree", "refuse"], "given": ["take_back"]}.get(state, []) if holds else []
    return ConsentView(
        id=row.id,
        enterprise=enterprise,
        purpose=row.purpose,
        type=kind,
        holder=holder_masked(certificate),
        number_masked=number_masked(certificate.number),
        labels=[line["label"] for line in certificate.content["fields"]],
        state=state,
        state_text=text(actor.locale, f"certificates.consent.state.{state}"),
        asked_at=row.created_at,
        answered_at=row.answered_at,
        read_at=row.read_at,
        until=row.until if state in ("asked", "given") else None,
        mine=mine,
        can=[*can, "read"] if mine and state == "given" else can,
    )
