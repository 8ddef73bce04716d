"""The holder's side: the wallet, one certificate in clear, and the QR to show."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from server.actor import Actor, Citizen
from server.errors import NotFound
from server.features.certificates.models import (
    Certificate,
    CertificateChange,
    CertificateState,
    CertificateType,
    ChangeVerb,
)
from server.features.certificates.schemas import CertificateCard
from server.features.identity import service as identity
from server.kit import masking
from server.kit.texts import text

TAIL = 6


async def wallet(actor: Citizen) -> list[CertificateCard]:
    """List what I, those I act for, and my enterprises hold: what counts before what does not, the newest first."""
    parties = await identity.parties(actor)
    held = await Certificate.of_parties(parties.person_ids, parties.enterprise_ids).order_by("-created_at").limit(200)
    return await cards(sorted(held, key=lambda one: one.standing is not CertificateState.VALID), actor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A certificate somebody holds: it can stand in for a paper, if it is not suspended."""

    id: UUID
    number: str
    type: str
    valid_from: date


async def held(
    type_keys: Collection[str], *, person_id: UUID, enterprise_id: UUID | None, suspended_too: bool = False
) -> dict[str, Held]:
    """Find the newest valid certificate of each type that a person, or an enterprise, holds; by the type's key.

    `suspended_too` for whoever asks whether there is one at all: a suspended one is still held, and may be given back.
    The caller has checked who may ask for them.
    """
    if not type_keys:
        return {}
    kinds = {kind.id: kind for kind in await CertificateType.filter(key__in=list(type_keys))}
    mine = Certificate.of_parties((), (enterprise_id,)) if enterprise_id else Certificate.of_parties((person_id,), ())
    wanted = [CertificateState.VALID, *([CertificateState.SUSPENDED] if suspended_too else [])]
    rows = await mine.filter(type_id__in=list(kinds), state__in=wanted).order_by("created_at")
    return {
        kinds[row.type_id].key: Held(
            id=row.id, number=row.number, type=kinds[row.type_id].name, valid_from=row.valid_from
        )
        for row in rows
        if row.standing in wanted
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line that a valid certificate says, in clear; `key` is its name in the layout of the certificate's kind."""

    type_key: str
    type: str
    key: str
    value: str
    valid_from: date
    department_id: UUID


async def facts(type_keys: Collection[str], *, person_id: UUID, enterprise_id: UUID | None) -> list[Fact]:
    """Read what the valid certificates of some types say, the oldest first, to fill in a form.

    The caller has checked who may ask for them.
    """
    if not type_keys:
        return []
    kinds = {kind.id: kind for kind in await CertificateType.filter(key__in=list(type_keys))}
    mine = Certificate.of_parties((), (enterprise_id,)) if enterprise_id else Certificate.of_parties((person_id,), ())
    rows = await mine.filter(type_id__in=list(kinds), state=CertificateState.VALID).order_by("created_at")
    return [
        Fact(
            type_key=kinds[row.type_id].key,
            type=kinds[row.type_id].name,
            key=rule["key"],
            value=said["value"],
            valid_from=row.valid_from,
            department_id=row.department_id,
        )
        for row in rows
        if row.standing is CertificateState.VALID
        for rule in kinds[row.type_id].layout
        for said in row.content["fields"]
        if said["label"] == rule["label"]
    ]


async def cards_of_thread(actor: Actor, thread_id: UUID) -> list[CertificateCard]:
    """List what a thread has brought; the caller has already checked who may see the thread."""
    return await cards(await Certificate.filter(thread_id=thread_id).order_by("created_at"), actor)


async def mine(actor: Citizen, certificate_id: UUID) -> Certificate:
    """Reach one that I, those I act for or my enterprises hold. Raises NotFound."""
    parties = await identity.parties(actor)
    found = await Certificate.of_parties(parties.person_ids, parties.enterprise_ids).get_or_none(id=certificate_id)
    if found is None:
        raise NotFound
    return found


async def cards(held: list[Certificate], actor: Actor) -> list[CertificateCard]:
    why = await _why(held)
    kinds = {kind.id: kind for kind in await CertificateType.filter(id__in=[row.type_id for row in held])}
    return [
        CertificateCard(
            id=row.id,
            type_key=kinds[row.type_id].key,
            type=kinds[row.type_id].name,
            number_masked=number_masked(row.number),
            holder=holder_masked(row),
            issuer=row.content["issuer"],
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            state=row.standing.value,
            state_text=text(actor.locale, f"certificates.state.{row.standing.value}"),
            basis=_basis(why[row.id], actor) if row.id in why else None,
            changed_at=why[row.id].answered_at or why[row.id].created_at if row.id in why else None,
            colour=kinds[row.type_id].colour,
            sample=row.sample,
            whose=_whose(row, actor),
            thread_id=row.thread_id,
        )
        for row in held
    ]


async def _why(held: list[Certificate]) -> dict[UUID, CertificateChange]:
    """Find what made each of those as it is that do not count any more."""
    ended = [row.id for row in held if row.state is not CertificateState.VALID]
    if not ended:
        return {}
    done = CertificateChange.filter(certificate_id__in=ended, state="done").exclude(verb=ChangeVerb.SIGN_AGAIN)
    return {change.certificate_id: change for change in await done.order_by("created_at")}


def _basis(change: CertificateChange, actor: Actor) -> str:
    return change.basis or text(actor.locale, "certificates.of_matter")


def _whose(row: Certificate, actor: Actor) -> Literal["own", "family", "enterprise"]:
    if row.enterprise_id is not None:
        return "enterprise"
    own = not isinstance(actor, Citizen) or actor.person_id == row.person_id
    return "own" if own else "family"


def number_masked(number: str) -> str:
    """Show only the end of the serial: enough to tell two cards apart."""
    serial = number.split(".")[-3]
    return f"****{serial[-TAIL:]}"


def holder_masked(certificate: Certificate) -> str:
    """Show a person's name in part; an enterprise's name is public."""
    holder: str = certificate.content["holder"]
    return holder if certificate.enterprise_id else masking.name(holder)
