"""The catalogue of kinds: what each says, how it is drawn, how long it is good, and who issues it."""

from __future__ import annotations

from uuid import UUID

import msgspec

from server import db
from server.actor import Role, Staff
from server.errors import FieldError, Forbidden, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.certificates.models import CertificateType
from server.features.certificates.schemas import FieldRule, TypeRow
from server.features.thread import service as thread

LONGEST_MONTHS = 1200
_VALID = f"""
SELECT type_id, count(*) AS valid FROM certificate WHERE state = 'valid' AND {thread.real("thread_id")} GROUP BY type_id
"""  # noqa: S608 - our own words


async def types() -> list[TypeRow]:
    """List every kind, by its code."""
    departments = {one.id: one.name for one in await catalogue.departments()}
    valid = {row["type_id"]: row["valid"] for row in await db.fetch(_VALID)}
    return [
        TypeRow(
            key=kind.key,
            name=kind.name,
            type_code=kind.type_code,
            colour=kind.colour,
            form=kind.form,
            validity_months=kind.validity_months,
            issuer_id=kind.issuer_id,
            issuer=departments[kind.issuer_id] if kind.issuer_id else None,
            fields=msgspec.convert(kind.layout, list[FieldRule]),
            valid=valid.get(kind.id, 0),
        )
        for kind in await CertificateType.all().order_by("type_code")
    ]


async def export_types(actor: Staff) -> list[TypeRow]:
    """Give the catalogue for a table to work with; it is on record."""
    rows = await types()
    async with db.tx():
        await audit.record(actor, "certificates.types_exported", "certificate_type", None, lines=len(rows))
    return rows


@db.transactional
async def set_type(actor: Staff, key: str, *, issuer_id: UUID | None, validity_months: int | None) -> None:
    """Say who issues a kind (nobody named: whoever decides), and how long it is good where the guide does not say.

    It holds for what is issued from now on. Refuses `certificates.no_issuer_code`; raises NotFound, Forbidden.
    """
    if not actor.has(Role.ADMINISTRATOR):
        raise Forbidden("forbidden")
    kind = await CertificateType.filter(key=key).select_for_update().get_or_none()
    if kind is None:
        raise NotFound
    if issuer_id is not None and (await catalogue.department(issuer_id)).uscc is None:
        raise InvalidInput("certificates.no_issuer_code", fields=(FieldError("issuer", "uscc"),))
    kind.issuer_id, kind.validity_months = issuer_id, validity_months
    await kind.save(update_fields=["issuer_id", "validity_months"])
    await audit.record(actor, "certificates.type_set", "certificate_type", kind.id, months=validity_months or 0)
