"""Issuing: in the transaction of the decision, numbered by the national rule, signed before it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from server import db
from server.actor import Actor, Staff
from server.errors import Conflict
from server.features.catalogue import service as catalogue
from server.features.certificates.models import Certificate, CertificateType
from server.features.certificates.schemas import TypeIn
from server.features.certificates.service import _payload
from server.features.certificates.service._telling import on_record
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock
from server.kit.certificate_number import CertificateNumber, parse
from server.kit.ids import token
from server.kit.months import add_months
from server.ports import Signer

STANDARD_TYPES = Path(__file__).parent.parent / "data" / "types.json"


@db.transactional
async def define_type(kind: TypeIn) -> None:
    """Say what a kind of certificate looks like; saying it again changes it for those issued afterwards.

    How long it is good, and who issues it, the desk says from then on: that stays.
    """
    looks: dict[str, Any] = {
        "name": kind.name,
        "type_code": kind.type_code,
        "colour": kind.colour,
        "layout": [msgspec.to_builtins(rule) for rule in kind.fields],
        "form": kind.form,
    }
    known = CertificateType.filter(key=kind.key)
    if not await known.update(**looks):
        await CertificateType.create(key=kind.key, validity_months=kind.validity_months, **looks)


async def define_standard_types() -> int:
    """Define the kinds that come with the product: the common ones of the notices and those our items lead to."""
    kinds = msgspec.json.decode(STANDARD_TYPES.read_bytes(), type=list[TypeIn])
    for kind in kinds:
        await define_type(kind)
    return len(kinds)


@db.transactional
async def issue(  # noqa: PLR0913 - each is one fact of the paper
    actor: Actor,
    signer: Signer,
    *,
    type_key: str,
    thread_id: UUID,
    person_id: UUID,
    enterprise_id: UUID | None,
    department_id: UUID,
    facts: Mapping[str, str],
    validity_months: int | None,
    sample: bool,
    hand: documents.SealHand,
) -> UUID:
    """Issue one, which the caller announces, in the name its kind says, under that department's seal; in whose `hand`.

    Refuses `certificates.type_unknown`, `.no_issuer_code`.
    """
    kind = await _kind(type_key)
    issuer = await catalogue.department(kind.issuer_id or department_id)
    if issuer.uscc is None:
        raise Conflict("certificates.no_issuer_code")
    today = clock.today()
    until = _until(today, validity_months or kind.validity_months)
    certificate = Certificate(
        number=str(await _number(kind, issuer.uscc, today)),
        type_id=kind.id,
        thread_id=thread_id,
        person_id=person_id,
        enterprise_id=enterprise_id,
        department_id=department_id,
        valid_from=today,
        valid_until=until,
        issued_by=actor.staff_id if isinstance(actor, Staff) else None,
        sample=sample,
    )
    certificate.status_index = await db.fetchval("SELECT nextval('certificate_status_index')")
    certificate.status_changed_at = clock.now()
    certificate.content = await _content(certificate, kind, issuer.name, facts)
    _payload.seal(certificate, kind.key, signer)
    await certificate.save(force_create=True)
    await _sealed(actor, certificate, _for_issuer(hand, issuer.id))
    return certificate.id


@db.transactional
async def next_version(
    actor: Actor, signer: Signer, former: Certificate, corrected: Mapping[str, str] | None = None
) -> UUID:
    """Issue the next version of one: the same serial and the same days, its holder as the holder is now.

    `corrected` are entries that were wrong, as they are right, by their label.
    """
    kind = await CertificateType.get(id=former.type_id)
    number = parse(former.number)
    if number is None:
        raise Conflict("certificates.type_unknown", type=kind.name)
    holder, document = await _holder(former.person_id, former.enterprise_id)
    newer = Certificate(
        number=str(replace(number, version=former.version + 1)),
        version=former.version + 1,
        type_id=former.type_id,
        thread_id=former.thread_id,
        person_id=former.person_id,
        enterprise_id=former.enterprise_id,
        department_id=former.department_id,
        valid_from=former.valid_from,
        valid_until=former.valid_until,
        issued_by=actor.staff_id if isinstance(actor, Staff) else None,
        sample=former.sample,
        status_index=await db.fetchval("SELECT nextval('certificate_status_index')"),
        status_changed_at=clock.now(),
    )
    known = {"holder.name": holder, "holder.number": document}
    now = dict(corrected or {}) | {
        rule["label"]: known[rule["source"]] for rule in kind.layout if rule["source"] in known
    }
    said = former.content
    newer.content = said | {
        "number": newer.number,
        "holder": holder,
        "salt": token(),
        "fields": [row | {"value": now.get(row["label"], row["value"])} for row in said["fields"]],
    }
    _payload.seal(newer, kind.key, signer)
    await newer.save(force_create=True)
    power = "own" if newer.issued_by else "itself"
    hand = documents.SealHand(department_id=newer.department_id, power=power, staff_id=newer.issued_by)
    await _sealed(actor, newer, _for_issuer(hand, await _issuer(number.issuer, newer.department_id)))
    return newer.id


async def _issuer(uscc: str, department_id: UUID) -> UUID:
    """Find in whose name a certificate stands by the code in its number; whoever decided, where nobody has it now."""
    return next((one.id for one in await catalogue.departments() if one.uscc == uscc), department_id)


def _for_issuer(hand: documents.SealHand, issuer_id: UUID) -> documents.SealHand:
    """Say whose seal is used: that of the department in whose name it is issued, as the kind may say, is no other's."""
    if hand.department_id == issuer_id:
        return hand
    return msgspec.structs.replace(hand, department_id=issuer_id, power="kind")


async def _sealed(actor: Actor, issued: Certificate, hand: documents.SealHand) -> None:
    """Put on record that it was issued, and whose seal was used for it."""
    await documents.use_seal(hand, issued.thread_id, issued.id, "certificate", issued.number)
    await on_record(actor, "issued", issued)


async def announce(actor: Actor, certificate_id: UUID) -> None:
    """Say on the timeline that a certificate has been issued, in the caller's transaction."""
    certificate = await Certificate.get(id=certificate_id)
    kind = await CertificateType.get(id=certificate.type_id)
    await thread.record(
        certificate.thread_id, "certificates.issued", actor, certificate_id=str(certificate.id), type=kind.name
    )


def _until(today: date, months: int | None) -> date | None:
    return add_months(today, months) if months else None


async def _kind(key: str) -> CertificateType:
    kind = await CertificateType.get_or_none(key=key)
    if kind is None:
        raise Conflict("certificates.type_unknown", type=key)
    return kind


async def _number(kind: CertificateType, issuer: str, today: date) -> CertificateNumber:
    serial = await db.fetchval("SELECT nextval('certificate_serial')")
    return CertificateNumber(kind=kind.type_code, issuer=issuer, serial=f"{today.year}{serial:08d}", version=1)


async def _content(
    certificate: Certificate, kind: CertificateType, issuer: str, facts: Mapping[str, str]
) -> dict[str, object]:
    """Write what the certificate says; the signature covers exactly this, and what strangers may read of it."""
    holder, document = await _holder(certificate.person_id, certificate.enterprise_id)
    today, until = certificate.valid_from, certificate.valid_until
    return {
        "number": certificate.number,
        "type": kind.name,
        "issuer": issuer,
        "holder": holder,
        "valid_from": today.isoformat(),
        "valid_until": until.isoformat() if until else None,
        "sample": certificate.sample,
        "salt": token(),
        "fields": _fields(kind, facts, {"holder.name": holder, "holder.number": document}, today, until),
    }


async def _holder(person_id: UUID, enterprise_id: UUID | None) -> tuple[str, str]:
    if enterprise_id is not None:
        enterprise = await identity.enterprise(enterprise_id)
        return enterprise.name, enterprise.uscc
    person = await identity.person(person_id)
    return person.name, person.number


def _fields(
    kind: CertificateType, facts: Mapping[str, str], known: dict[str, str], today: date, until: date | None
) -> list[dict[str, str | bool | None]]:
    values = {
        **known,
        "issued_on": today.isoformat(),
        "valid_until": until.isoformat() if until else "",
        **{f"form.{key}": value for key, value in facts.items()},
    }
    return [
        {"label": rule["label"], "value": value, "public": rule["public"], "masked": rule["masked"]}
        for rule in kind.layout
        if (value := values.get(rule["source"], ""))
    ]
