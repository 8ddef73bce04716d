"""The result desk: put on the shelf, hand over against the code, and offer the rating."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Staff
from server.console.frame import FRONT, frame
from server.console.registers import Column, Register, Searched
from server.features.delivery import service as delivery
from server.features.delivery.service import DeskDelivery
from server.features.ratings import service as ratings
from server.features.thread import service as thread
from server.web import Redirect, Streamed, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_results", url_prefix="/console/results")
DESK = access.staff(*FRONT)


SHELF: Register[DeskDelivery] = Register(
    "/console/results",
    (
        Column("console.results.shelf", lambda row, _: row.shelf, "shelf"),
        Column("console.results.item", lambda row, _: row.item, "item"),
        Column("console.results.number", lambda row, _: row.number, "number"),
        Column("console.results.person", lambda row, _: row.person),
        Column("console.results.since", lambda row, _: row.since, "since"),
    ),
    on_record="delivery.shelf_exported",
)


class DeskQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """`done` is the thread just handed over, whose rating QR is shown."""

    done: UUID | None = None


class ShelfForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where it lies."""

    shelf: Annotated[str, Meta(max_length=40)] = ""


class CodeForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The person's code."""

    code: Annotated[str, Meta(min_length=1, max_length=40)]


class CheckForm(CodeForm, kw_only=True, forbid_unknown_fields=True):
    """The person's code, and whose document was looked at: the holder's, if nobody is named."""

    taker: UUID | None = None


class SignForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The signature drawn on the pad, as strokes."""

    drawn: Annotated[str, Meta(max_length=40_000)] = ""


async def _desk(actor: Staff, query: DeskQuery | None = None, **more: object) -> Shown:
    query = query or DeskQuery()
    shelf = await delivery.on_shelf(actor)
    context: dict[str, object] = {
        "back": await delivery.came_back(actor),
        "claim": None,
        "code": "",
        "done": None,
        "rating_token": None,
    }
    return "results.html", frame(
        actor,
        "results",
        preparing=await delivery.to_make_ready(actor, q=query.q),
        list=await SHELF.laid(actor, shelf, query),
        waiting=await shelf.count(query.q),
        **context | more,
    )


@page(blueprint, "GET", "", access=DESK)
async def desk(actor: Staff, query: DeskQuery) -> Shown:
    """Show what must be made ready and what waits to be collected."""
    if query.done is None:
        return await _desk(actor, query)
    done = await thread.view(actor, query.done)
    return await _desk(actor, done=done, rating_token=await ratings.token_of(actor, query.done))


@page(blueprint, "GET", "/export", access=DESK)
async def export(actor: Staff, query: Searched) -> Streamed:
    """Give what lies on the shelves as a table."""
    return await SHELF.table(actor, await delivery.on_shelf(actor), query)


@page(blueprint, "POST", "/<delivery_id>/ready", access=DESK)
async def ready(actor: Staff, delivery_id: UUID, form: ShelfForm) -> Redirect:
    """It lies on the shelf; the person is told."""
    await delivery.ready(actor, delivery_id, form.shelf)
    return Redirect("/console/results")


@page(blueprint, "POST", "/<delivery_id>/again", access=DESK)
async def again(actor: Staff, delivery_id: UUID) -> Redirect:
    """What came back is collected here after all."""
    await delivery.begin_again(actor, delivery_id)
    return Redirect("/console/results")


@page(blueprint, "POST", "/find", access=DESK, limit="scan")
async def find(actor: Staff, form: CodeForm) -> Shown:
    """Show whose it is, to compare with face and document; the code stays out of the address."""
    return await _desk(actor, claim=await delivery.find(actor, form.code), code=form.code)


@page(blueprint, "POST", "/check", access=DESK, limit="scan")
async def check(actor: Staff, form: CheckForm) -> Redirect:
    """Their document was looked at; now they sign."""
    return Redirect(f"/console/results/signing/{await delivery.check(actor, form.code, taker_id=form.taker)}")


@page(blueprint, "POST", "/wrong", access=DESK, limit="scan")
async def wrong(actor: Staff, form: CodeForm) -> Redirect:
    """Somebody who may not take it: nothing is handed out, and it is kept that they came."""
    await delivery.wrong_person(actor, form.code)
    return Redirect("/console/results")


@page(blueprint, "GET", "/signing/<receipt_id>", access=DESK)
async def signing(actor: Staff, receipt_id: UUID) -> Shown | Redirect:
    """Show the pad, until it or the phone is signed."""
    done = await delivery.signed(actor, receipt_id)
    if done is not None:
        return Redirect(url("/console/results", done=done))
    return "signing.html", frame(actor, "results", receipt=receipt_id)


@page(blueprint, "GET", "/signing/<receipt_id>/now", access=DESK)
async def signing_now(actor: Staff, receipt_id: UUID) -> Shown:
    """Say whether the phone has signed meanwhile."""
    done = await delivery.signed(actor, receipt_id)
    return "signing_now.html", {"to": None if done is None else url("/console/results", done=done)}


@page(blueprint, "POST", "/signing/<receipt_id>", access=DESK)
async def sign(actor: Staff, receipt_id: UUID, form: SignForm) -> Redirect:
    """Take the signature of the pad: it is handed over."""
    handed = await delivery.sign_on_pad(actor, receipt_id, form.drawn)
    return Redirect(url("/console/results", done=handed.thread_id))
