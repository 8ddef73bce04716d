"""Certificates at the desk: what a department has issued, what is done to it by two officers, keys and the list."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.config import Settings
from server.console.frame import FRONT, frame
from server.console.registers import Column, Register, Searched
from server.features.certificates import service as certificates
from server.ports import Ports
from server.web import Raw, Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_certificates", url_prefix="/console/certificates")
DESK = access.staff(*certificates.OFFICERS)
# Whose menu has the keys; an officer comes to them from the certificates.
TABBED = (Role.ADMINISTRATOR, Role.AUDITOR)
BOARD = access.staff(*TABBED, *certificates.OFFICERS)
WINDOW = access.staff(*FRONT)
PRIVATE = {"cache-control": "private, no-store"}
HERE = "/console/certificates"
ISSUED: Register[certificates.DeskRow] = Register(
    HERE,
    (
        Column("console.certificates.type", lambda row, _: row.card.type, "type"),
        Column("console.certificates.holder", lambda row, _: row.card.holder),
        Column("console.certificates.number", lambda row, _: row.card.number_masked),
        Column("console.certificates.matter", lambda row, _: row.thread_number),
        Column("console.certificates.issuer", lambda row, _: row.card.issuer),
        Column("console.certificates.issued", lambda row, _: row.issued_at, "issued"),
        Column("console.certificates.valid_until", lambda row, _: row.card.valid_until, "until"),
        Column("console.certificates.state", lambda row, _: row.card.state_text, "state"),
    ),
    on_record="certificates.exported",
)

Basis = Annotated[str, Meta(min_length=1, max_length=300)]


class ListQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """What is looked for; `q` is as long as a certificate's whole number."""

    q: Annotated[str, Meta(max_length=120)] = ""
    state: Literal["", "asked", "valid", "suspended", "revoked", "expired", "superseded"] = ""


class ChangeForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be done, and on what basis."""

    verb: Literal["suspend", "resume", "revoke", "supersede", "sign_again"]
    basis: Basis


class HolderForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """A number read off the document that is shown."""

    number: Annotated[str, Meta(min_length=1, max_length=60)]


class PrintForm(HolderForm, kw_only=True, forbid_unknown_fields=True):
    """How large, and that the document was looked at."""

    size: Literal["a4", "label"]
    checked: Literal["", "yes"] = ""


@page(blueprint, "GET", "", access=DESK)
async def listed(actor: Staff, query: ListQuery) -> Shown:
    """List what the actor's departments have issued."""
    rows = await certificates.desk(actor, q=query.q, state=query.state)
    return "certificates.html", frame(actor, "certificates", list=await ISSUED.laid(actor, rows, query), query=query)


@page(blueprint, "GET", "/export", access=DESK)
async def export(actor: Staff, query: ListQuery) -> Streamed:
    """Give the list as a table to work with; that it was taken is on record."""
    return await ISSUED.table(actor, await certificates.desk(actor, q=query.q, state=query.state), query)


@page(blueprint, "GET", "/keys", access=BOARD)
async def keys(actor: Staff, ports: Ports) -> Shown:
    """Show which keys sign and have signed, and how old the list is."""
    return "certificate_keys.html", frame(
        actor,
        "certificate_keys" if actor.has(*TABBED) else "certificates",
        keys=certificates.keys(ports.signer),
        standing=await certificates.status_list_standing(),
    )


@page(blueprint, "GET", "/window", access=WINDOW)
async def window(actor: Staff) -> Shown:
    """Ask for the document of whoever has no phone."""
    return _at_window(actor, "", [])


@page(blueprint, "POST", "/window/find", access=WINDOW, limit="scan")
async def find(actor: Staff, form: HolderForm) -> Shown:
    """Show what its holder has; the number stays out of the address."""
    return _at_window(actor, form.number, await certificates.at_window(actor, form.number))


@page(blueprint, "POST", "/window/<paper_id>/print", access=WINDOW, limit="scan")
async def print_code(actor: Staff, paper_id: UUID, form: PrintForm, ports: Ports, settings: Settings) -> Raw:
    """Give a code to carry, as A4 or as a label."""
    name, drawn = await certificates.print_at_window(
        actor,
        ports.signer,
        paper_id,
        number=form.number,
        identity_checked=form.checked == "yes",
        size=form.size,
        public_url=settings.public_url,
    )
    return Raw(body=drawn, content_type="application/pdf", filename=name, headers=PRIVATE)


@page(blueprint, "POST", "/window/<paper_id>/end", access=WINDOW, limit="scan")
async def end_code(actor: Staff, paper_id: UUID, form: HolderForm) -> Shown:
    """End a code that was lost."""
    await certificates.end_at_window(actor, paper_id, number=form.number)
    return _at_window(actor, form.number, await certificates.at_window(actor, form.number))


def _at_window(actor: Staff, number: str, rows: list[certificates.WindowRow]) -> Shown:
    return "certificate_window.html", frame(actor, "certificate_window", number=number, rows=rows)


@page(blueprint, "GET", "/<certificate_id>", access=DESK)
async def one(actor: Staff, certificate_id: UUID, ports: Ports) -> Shown:
    """Lay one on the desk."""
    row = await certificates.desk_certificate(actor, ports.signer, certificate_id)
    return "certificate.html", frame(actor, "certificates", row=row)


@page(blueprint, "POST", "/<certificate_id>/change", access=DESK)
async def change(actor: Staff, certificate_id: UUID, form: ChangeForm, ports: Ports) -> Redirect:
    """Do it, or ask a second officer for what takes something away."""
    if form.verb == "resume":
        await certificates.resume(actor, certificate_id, form.basis)
    elif form.verb == "supersede":
        certificate_id = await certificates.supersede(actor, ports.signer, certificate_id, form.basis)
    elif form.verb == "sign_again":
        await certificates.sign_one_again(actor, ports.signer, certificate_id, form.basis)
    else:
        await certificates.ask_change(actor, certificate_id, form.verb, form.basis)
    return Redirect(f"{HERE}/{certificate_id}")


@page(blueprint, "POST", "/<certificate_id>/changes/<asked_id>/agree", access=DESK)
async def agree(actor: Staff, certificate_id: UUID, asked_id: UUID) -> Redirect:
    """Agree as the second officer."""
    await certificates.agree_to_change(actor, asked_id)
    return Redirect(f"{HERE}/{certificate_id}")


@page(blueprint, "POST", "/<certificate_id>/changes/<asked_id>/refuse", access=DESK)
async def refuse(actor: Staff, certificate_id: UUID, asked_id: UUID) -> Redirect:
    """Not agree."""
    await certificates.refuse_change(actor, asked_id)
    return Redirect(f"{HERE}/{certificate_id}")
