"""Applications by post: envelopes written down, made into cases, or sent back."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Staff
from server.console.frame import FRONT, chosen_hall, frame
from server.console.registers import Column, Register, Searched
from server.features.cases import service as cases
from server.features.cases.service import ParcelIn, ReturnIn, posting
from server.features.cases.service.posting import ParcelOut
from server.kit import clock
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_post", url_prefix="/console/post")
DESK = access.staff(*FRONT)
State = Literal["registered", "filed", "returned"]
ENVELOPES: Register[ParcelOut] = Register(
    "/console/post",
    (
        Column("console.post.waybill", lambda row, _: row.waybill, "waybill"),
        Column("console.post.courier.label", lambda row, at: text(at, f"console.post.courier.{row.courier}")),
        Column("console.post.sender", lambda row, _: row.sender),
        Column("console.post.hall", lambda row, _: row.hall, "hall"),
        Column("console.post.received_on", lambda row, _: row.received_on, "received"),
        Column("console.post.state.label", lambda row, at: text(at, f"console.post.state.{row.state}")),
        Column("console.post.number", lambda row, _: row.number),
        Column(
            "console.post.reason.label", lambda row, at: row.reason and text(at, f"console.post.reason.{row.reason}")
        ),
        Column("console.post.out_waybill", lambda row, _: row.out_waybill),
    ),
    on_record="cases.parcels_exported",
)


class ListQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """Which envelopes."""

    list: State = "registered"


class NewQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """At which hall."""

    hall: UUID | None = None


class AttachForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The case an envelope belongs to, by its number."""

    number: Annotated[str, Meta(min_length=1, max_length=40)]


@page(blueprint, "GET", "", access=DESK)
async def begin(actor: Staff, query: ListQuery) -> Shown:
    """List the envelopes, those that wait first."""
    return "post.html", frame(
        actor,
        "post",
        list=await ENVELOPES.laid(actor, await posting.parcels(actor, state=query.list), query),
        query=query,
        lists=State.__args__,  # type: ignore[attr-defined]
    )


@page(blueprint, "GET", "/export", access=DESK)
async def export(actor: Staff, query: ListQuery) -> Streamed:
    """Give the list as a table; that it was taken is on record."""
    return await ENVELOPES.table(actor, await posting.parcels(actor, state=query.list), query)


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
