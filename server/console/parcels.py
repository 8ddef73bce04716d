"""The post ledger at the desk: send under a waybill, print the label, note what is heard."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.drawing import inline
from server.console.frame import FRONT, frame
from server.console.paging import SHOWN, Paged, turns
from server.console.tables import as_csv
from server.features.delivery import service as delivery
from server.kit.spoken import spoken
from server.kit.texts import text
from server.ports import Ports
from server.web import Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_parcels", url_prefix="/console/parcels")
BOTH = access.staff(*FRONT, Role.REVIEWER)
DESK = access.staff(*FRONT)
_COLUMNS = ("number", "item", "person", "hall", "state_text", "waybill", "since")

Waybill = Annotated[str, Meta(min_length=1, max_length=60)]


class ParcelsQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """Parcels of one state, or all; `q` part of a number, an item or a waybill."""

    state: Literal["", "to_send", "posted", "in_transit", "signed", "returned", "lost"] = ""
    q: Annotated[str, Meta(max_length=60)] = ""
    sort: Literal["since", "-since", "hall", "-hall"] = "-since"


class SendForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The waybill the post has given, typed or scanned."""

    waybill: Waybill


class HeardForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What the post says of a parcel."""

    waybill: Waybill
    state: Literal["in_transit", "signed", "returned", "lost"]


@page(blueprint, "GET", "", access=BOTH)
async def ledger(actor: Staff, ports: Ports, query: ParcelsQuery) -> Shown:
    """Show the ledger."""
    found = await delivery.ledger(
        actor, query.state, q=query.q, sort=query.sort, cursor=query.cursor, limit=SHOWN
    )  # fmt: skip
    return "parcels.html", frame(
        actor,
        "parcels",
        rows=found.items,
        courier=ports.courier.configured,
        query=query,
        pages=turns(query, found.next),
    )


@page(blueprint, "GET", "/export.csv", access=BOTH)
async def export(actor: Staff, query: ParcelsQuery) -> Streamed:
    """Give the ledger as a table to work with; that it was taken is on record."""
    rows = await delivery.export_ledger(actor, query.state, q=query.q, sort=query.sort)
    lines = (
        (row.number, row.item, row.person, row.hall, row.state_text, row.waybill, spoken(actor.locale, row.since))
        async for row in rows
    )
    return as_csv("sent", [text(actor.locale, f"console.parcels.{name}") for name in _COLUMNS], lines)


@page(blueprint, "POST", "/<delivery_id>/order", access=DESK, limit="scan")
async def order(actor: Staff, ports: Ports, delivery_id: UUID) -> Redirect:
    """Have the courier fetch it."""
    await delivery.order(actor, ports.courier, delivery_id)
    return Redirect("/console/parcels?state=to_send")


@page(blueprint, "POST", "/<delivery_id>/call-off", access=DESK, limit="scan")
async def call_off(actor: Staff, delivery_id: UUID) -> Redirect:
    """Have it fetched no more."""
    await delivery.call_off(actor, delivery_id)
    return Redirect("/console/parcels?state=to_send")


@page(blueprint, "POST", "/<delivery_id>/send", access=DESK, limit="scan")
async def send(actor: Staff, delivery_id: UUID, form: SendForm) -> Redirect:
    """Hand it to the post; the person is told the waybill."""
    await delivery.post(actor, delivery_id, form.waybill)
    return Redirect("/console/parcels")


@page(blueprint, "GET", "/<delivery_id>/label", access=DESK)
async def label(actor: Staff, delivery_id: UUID) -> Shown:
    """Show the label, to be printed."""
    shown = await delivery.label(actor, delivery_id)
    return "parcel_label.html", {"label": shown, "qr": inline(shown.waybill or shown.number)}


@page(blueprint, "POST", "/heard", access=DESK, limit="scan")
async def heard(actor: Staff, form: HeardForm) -> Redirect:
    """Note what the post says of a parcel."""
    await delivery.heard(actor, form.waybill, form.state)
    return Redirect("/console/parcels")
