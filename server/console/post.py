"""Applications by post: envelopes written down, made into cases, or sent back."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Staff
from server.console.frame import FRONT, chosen_hall, frame, halls_of
from server.console.paging import Paged, turns
from server.console.reviewing import safe
from server.features.cases import service as cases
from server.features.cases.service import ParcelIn, ReturnIn, posting
from server.kit import clock
from server.kit.spoken import spoken
from server.kit.texts import text
from server.web import Raw, Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_post", url_prefix="/console/post")
DESK = access.staff(*FRONT)
SHOWN = 30
State = Literal["registered", "filed", "returned"]
COLUMNS = ("courier.label", "waybill", "sender", "received_on", "state.label", "number", "reason.label", "out_waybill")


class ListQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """Which envelopes; `q` is part of a waybill."""

    list: State = "registered"
    q: Annotated[str, Meta(max_length=40)] = ""


class NewQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """At which hall."""

    hall: UUID | None = None


class AttachForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The case an envelope belongs to, by its number."""

    number: Annotated[str, Meta(min_length=1, max_length=40)]


@page(blueprint, "GET", "", access=DESK)
async def begin(actor: Staff, query: ListQuery) -> Shown:
    """List the envelopes, those that wait first."""
    found = await posting.parcels(actor, state=query.list, q=query.q, cursor=query.cursor, limit=SHOWN)
    halls = {hall.id: hall.name for hall in await halls_of(actor)}
    return "post.html", frame(
        actor,
        "post",
        rows=found.items,
        pages=turns(query, found.next),
        query=query,
        halls=halls,
        lists=State.__args__,  # type: ignore[attr-defined]
    )


@page(blueprint, "GET", "/export", access=DESK)
async def export(actor: Staff, query: ListQuery) -> Raw:
    """Give the list as a table; that it was taken is on record."""
    sink = io.StringIO()
    table = csv.writer(sink)
    table.writerow([text(actor.locale, f"console.post.{name}") for name in COLUMNS])
    for row in await posting.export_parcels(actor, state=query.list, q=query.q):
        reason = text(actor.locale, f"console.post.reason.{row.reason}") if row.reason else ""
        said = (
            text(actor.locale, f"console.post.courier.{row.courier}"), row.waybill, row.sender,
            spoken(actor.locale, row.received_on), text(actor.locale, f"console.post.state.{row.state}"), row.number,
            reason, row.out_waybill,
        )  # fmt: skip
        table.writerow([safe(one or "") for one in said])
    return Raw(
        body=sink.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        filename=f"post-{clock.today():%Y%m%d}.csv",
        headers={"cache-control": "private, no-store"},
    )


@page(blueprint, "GET", "/new", access=DESK)
async def new(actor: Staff, query: NewQuery) -> Shown:
    """Show the form of an envelope that has come."""
    hall, halls = await chosen_hall(actor, query.hall)
    return "parcel_new.html", frame(actor, "post", hall=hall, halls=halls, today=clock.today(), couriers=cases.COURIERS)


@page(blueprint, "POST", "", access=DESK)
async def register(actor: Staff, form: ParcelIn) -> Redirect:
    """Write an envelope down."""
    return Redirect(f"/console/post/{await posting.register_parcel(actor, form)}")


@page(blueprint, "GET", "/<parcel_id>", access=DESK)
async def one(actor: Staff, parcel_id: UUID) -> Shown:
    """Show one envelope and what can be done with it."""
    return "parcel.html", frame(
        actor,
        "post",
        parcel=await posting.parcel(actor, parcel_id),
        couriers=cases.COURIERS,
        reasons=cases.RETURNS,
    )


@page(blueprint, "POST", "/<parcel_id>/attach", access=DESK)
async def attach(actor: Staff, parcel_id: UUID, form: AttachForm) -> Redirect:
    """Put it to the case it belongs to."""
    return Redirect(f"/console/cases/{await posting.attach_parcel(actor, parcel_id, form.number)}")


@page(blueprint, "POST", "/<parcel_id>/return", access=DESK)
async def send_back(actor: Staff, parcel_id: UUID, form: ReturnIn) -> Redirect:
    """Send it back."""
    await posting.return_parcel(actor, parcel_id, form)
    return Redirect(f"/console/post/{parcel_id}")
