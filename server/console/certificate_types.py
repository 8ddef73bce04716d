"""The catalogue of kinds of certificates: read by whoever issues them, who issues each and for how long is set here."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.tables import as_csv
from server.features.catalogue import service as catalogue
from server.features.certificates import service as certificates
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_certificate_types", url_prefix="/console/certificate-types")
READERS = access.staff(Role.ADMINISTRATOR, Role.AUDITOR, *certificates.OFFICERS)
ADMINISTRATOR = access.staff(Role.ADMINISTRATOR)
HERE = "/console/certificate-types"
_COLUMNS = ("name", "code", "issuer", "months", "form", "public", "holder", "valid")


class TypeForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who issues it (nobody named: whoever decides), and for how many months."""

    issuer: UUID | None = None
    months: Annotated[int, Meta(ge=1, le=certificates.LONGEST_MONTHS)] | None = None


@page(blueprint, "GET", "", access=READERS)
async def listed(actor: Staff) -> Shown:
    """Show every kind."""
    sets = actor.has(Role.ADMINISTRATOR)
    return "certificate_types.html", frame(
        actor,
        # Whoever issues comes from their certificates, and goes back there.
        "certificate_types" if sets else "certificates",
        rows=await certificates.types(),
        departments=[(str(one.id), one.name) for one in await catalogue.departments() if one.uscc],
        sets=sets,
        longest=certificates.LONGEST_MONTHS,
    )


@page(blueprint, "GET", "/export.csv", access=READERS)
async def export(actor: Staff) -> Streamed:
    """Give the catalogue as a table to work with; that it was taken is on record."""

    def say(key: str) -> str:
        return text(actor.locale, f"console.certificate_types.{key}")

    comma = text(actor.locale, "common.comma")
    lines = (
        (
            row.name, row.type_code, row.issuer or say("decides"), row.validity_months, say(f"forms.{row.form}"),
            comma.join(rule.label for rule in row.fields if rule.public),
            comma.join(rule.label for rule in row.fields if not rule.public), row.valid,
        )
        for row in await certificates.export_types(actor)
    )  # fmt: skip
    return as_csv("certificate-types", map(say, _COLUMNS), lines)


@page(blueprint, "POST", "/<type_key>", access=ADMINISTRATOR)
async def change(actor: Staff, type_key: str, form: TypeForm) -> Redirect:
    """Set who issues it and for how long."""
    await certificates.set_type(actor, type_key, issuer_id=form.issuer, validity_months=form.months)
    return Redirect(HERE)
