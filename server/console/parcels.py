"""The post ledger at the desk: send under a waybill, print the label, note what is heard."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.drawing import inline
from server.console.frame import FRONT, frame
from server.console.paging import Paged, part, turns
from server.features.delivery import service as delivery
from server.features.delivery.service import PostRow
from server.kit.texts import text
from server.web import Raw, Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_parcels", url_prefix="/console/parcels")
BOTH = access.staff(*FRONT, Role.REVIEWER)
DESK = access.staff(*FRONT)
_SORTS: dict[str, Callable[[PostRow], Any]] = {"since": lambda row: row.since, "hall": lambda row: row.hall}
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


async def _rows(actor: Staff, query: ParcelsQuery) -> list[PostRow]:
    words = query.q.strip().upper()
    rows = await delivery.ledger(actor, query.state)
    found = [row for row in rows if words in f"{row.number} {row.item} {row.waybill or ''}".upper()]
    return sorted(found, key=_SORTS[query.sort.removeprefix("-")], reverse=query.sort.startswith("-"))


@page(blueprint, "GET", "", access=BOTH)
async def ledger(actor: Staff, query: ParcelsQuery) -> Shown:
    """Show the ledger."""
    rows, following = part(await _rows(actor, query), query)
    return "parcels.html", frame(actor, "parcels", rows=rows, query=query, pages=turns(query, following))


@page(blueprint, "GET", "/export.csv", access=BOTH)
async def export(actor: Staff, query: ParcelsQuery) -> Raw:
    """Give the ledger as a table to work with."""
    sink = io.StringIO()
    table = csv.writer(sink)
    table.writerow(text(actor.locale, f"console.parcels.{name}") for name in _COLUMNS)
    table.writerows([getattr(row, name) for name in _COLUMNS] for row in await _rows(actor, query))
    # A byte-order mark, without which spreadsheets read Chinese as something else.
    return Raw(body=("\ufeff" + sink.getvalue()).encode(), content_type="text/csv; charset=utf-8")


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
