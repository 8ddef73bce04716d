"""Papers handed over in batches: listed by scanning, signed by the giver, counted and signed by the receiver."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.config import Settings
from server.console.drawing import inline
from server.console.frame import FRONT, frame, halls_of
from server.console.registers import Column, Register, Searched
from server.features.cases.service import batching
from server.features.cases.service.batching import BatchOut
from server.features.catalogue import service as catalogue
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_batches", url_prefix="/console/batches")
BOTH = access.staff(*FRONT, Role.REVIEWER)
GIVERS = access.staff(*FRONT)
RECEIVERS = access.staff(Role.REVIEWER)


BATCHES: Register[BatchOut] = Register(
    "/console/batches",
    (
        Column("console.batches.number", lambda row, _: row.number, "number"),
        Column("console.batches.from", lambda row, _: row.hall, "hall"),
        Column("console.batches.to", lambda row, _: row.department, "department"),
        Column("console.batches.count", lambda row, _: row.count, "papers"),
        Column("console.batches.missing_papers", lambda row, _: row.open_lines),
        Column("console.batches.due", lambda row, _: None if row.state == "received" else row.due_on, "due"),
        Column("console.batches.state.label", lambda row, at: text(at, f"console.batches.state.{row.state}")),
    ),
    on_record="cases.batches_exported",
)


class BatchForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """From which hall to which department."""

    hall: UUID
    department: UUID


class ScanForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """A case number, or what stands in the code of a receipt."""

    scanned: Annotated[str, Meta(min_length=1, max_length=200)]


class CountForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether the papers are there."""

    found: Literal["received", "missing"]


class SettleForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What became of papers that were missing, and how."""

    found: bool
    words: Annotated[str, Meta(max_length=500)] = ""


@page(blueprint, "GET", "", access=BOTH)
async def begin(actor: Staff, query: Searched) -> Shown:
    """List the hand-overs, what is owed first."""
    halls = await halls_of(actor) if actor.has(*FRONT) else []
    return "batches.html", frame(
        actor,
        "batches",
        list=await BATCHES.laid(actor, await batching.batches(actor), query),
        halls=halls,
        hall=halls[0] if halls else None,
        departments=await catalogue.departments() if halls else [],
    )


@page(blueprint, "GET", "/export", access=BOTH)
async def export(actor: Staff, query: Searched) -> Streamed:
    """Give them as a table."""
    return await BATCHES.table(actor, await batching.batches(actor), query)


@page(blueprint, "POST", "", access=GIVERS)
async def new(actor: Staff, form: BatchForm) -> Redirect:
    """Begin a hand-over, or go on with the one that is open."""
    return _to(await batching.open_batch(actor, form.hall, form.department))


@page(blueprint, "GET", "/<batch_id>", access=BOTH)
async def one(actor: Staff, batch_id: UUID) -> Shown:
    """Show one hand-over."""
    return "batch.html", frame(actor, "batches", batch=await batching.batch(actor, batch_id))


@page(blueprint, "GET", "/<batch_id>/slip", access=BOTH)
async def slip(actor: Staff, batch_id: UUID, settings: Settings) -> Shown:
    """Show the list as it is printed; its code opens the page on which it is counted."""
    address = f"{settings.public_url}/console/batches/{batch_id}"
    shown = await batching.batch(actor, batch_id)
    return "batch_slip.html", frame(actor, "batches", batch=shown, qr=inline(address))


@page(blueprint, "POST", "/<batch_id>/lines", access=GIVERS)
async def put(actor: Staff, batch_id: UUID, form: ScanForm) -> Redirect:
    """Put a case on the list."""
    await batching.put_on_batch(actor, batch_id, form.scanned)
    return _to(batch_id)


@page(blueprint, "POST", "/<batch_id>/lines/<line_id>/off", access=GIVERS)
async def take_off(actor: Staff, batch_id: UUID, line_id: UUID) -> Redirect:
    """Take a case off the list."""
    await batching.take_off_batch(actor, batch_id, line_id)
    return _to(batch_id)


@page(blueprint, "POST", "/<batch_id>/give", access=GIVERS)
async def give(actor: Staff, batch_id: UUID) -> Redirect:
    """Sign for the giving side."""
    await batching.hand_over_batch(actor, batch_id)
    return _to(batch_id)


@page(blueprint, "POST", "/<batch_id>/lines/<line_id>/count", access=RECEIVERS)
async def count(actor: Staff, batch_id: UUID, line_id: UUID, form: CountForm) -> Redirect:
    """Say whether the papers are there."""
    await batching.count_line(actor, batch_id, line_id, form.found)
    return _to(batch_id)


@page(blueprint, "POST", "/<batch_id>/receive", access=RECEIVERS)
async def receive(actor: Staff, batch_id: UUID) -> Redirect:
    """Sign for the receiving side."""
    await batching.receive_batch(actor, batch_id)
    return _to(batch_id)


@page(blueprint, "POST", "/<batch_id>/lines/<line_id>/settle", access=GIVERS)
async def settle(actor: Staff, batch_id: UUID, line_id: UUID, form: SettleForm) -> Redirect:
    """Answer for what was missing."""
    await batching.settle_line(actor, batch_id, line_id, found=form.found, words=form.words)
    return _to(batch_id)


def _to(batch_id: UUID) -> Redirect:
    return Redirect(f"/console/batches/{batch_id}")
