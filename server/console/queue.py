"""The call panel: one window, the next person, and the rating QR when they are done."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Staff
from server.console.frame import FRONT, chosen_hall, frame
from server.features.catalogue import service as catalogue
from server.features.queue import service as queue
from server.features.ratings import service as ratings
from server.web import Redirect, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_queue", url_prefix="/console/queue")
DESK = access.staff(*FRONT)


class PanelQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which hall and window; `done` is the thread whose rating QR is shown, `empty` that nobody waits."""

    hall: UUID | None = None
    window: UUID | None = None
    done: UUID | None = None
    empty: Annotated[str, Meta(max_length=1)] = ""


class WindowForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """At which window."""

    hall: UUID
    window: UUID


class TicketForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which ticket, at which window."""

    hall: UUID
    window: UUID
    thread: UUID


async def _line(actor: Staff, query: PanelQuery) -> dict[str, object]:
    """What changes by itself: who waits, and who is at the window."""
    hall, halls = await chosen_hall(actor, query.hall)
    windows = await catalogue.windows(hall.id)
    window = next((one for one in windows if query.window in (None, one.id)), None)
    tickets = await queue.waiting(actor, hall.id)
    return {
        "hall": hall,
        "halls": halls,
        "windows": windows,
        "window": window,
        "here": next((one for one in tickets if window and one.window_id == window.id), None),
        "tickets": tickets,
        "waiting": sum(one.state == "waiting" for one in tickets),
    }


@page(blueprint, "GET", "", access=DESK)
async def panel(actor: Staff, query: PanelQuery) -> Shown:
    """Show the panel of one window."""
    hall, _ = await chosen_hall(actor, query.hall)
    return "queue.html", frame(
        actor,
        "queue",
        **await _line(actor, query),
        empty=bool(query.empty),
        hall_token=await queue.hall_token(hall.id),
        rating_token=await ratings.token_of(actor, query.done) if query.done else None,
    )


@page(blueprint, "GET", "/tickets", access=DESK, limit=None)
async def tickets(actor: Staff, query: PanelQuery) -> Shown:
    """Show only the list of tickets; the page asks for it every few seconds."""
    return "queue_tickets.html", await _line(actor, query)


@page(blueprint, "POST", "/next", access=DESK)
async def call_next(actor: Staff, form: WindowForm) -> Redirect:
    """Call the next person this window can serve."""
    called = await queue.call_next(actor, form.window)
    return _back(form, empty="" if called else "1")


@page(blueprint, "POST", "/<ticket_id>/start", access=DESK)
async def start(actor: Staff, ticket_id: UUID, form: TicketForm) -> Redirect:
    """The person is at the window."""
    await queue.start(actor, ticket_id)
    return _back(form)


@page(blueprint, "POST", "/<ticket_id>/finish", access=DESK)
async def finish(actor: Staff, ticket_id: UUID, form: TicketForm) -> Redirect:
    """The window is done with the person; show the rating QR."""
    await queue.finish(actor, ticket_id)
    return _back(form, done=form.thread)


@page(blueprint, "POST", "/<ticket_id>/skip", access=DESK)
async def skip(actor: Staff, ticket_id: UUID, form: TicketForm) -> Redirect:
    """The person did not come to the window."""
    await queue.skip(actor, ticket_id)
    return _back(form)


@page(blueprint, "POST", "/<ticket_id>/bring-back", access=DESK)
async def bring_back(actor: Staff, ticket_id: UUID, form: TicketForm) -> Redirect:
    """A skipped person has turned up."""
    await queue.bring_back(actor, ticket_id)
    return _back(form)


def _back(form: WindowForm | TicketForm, **more: object) -> Redirect:
    return Redirect(url("/console/queue", hall=form.hall, window=form.window, **more))
