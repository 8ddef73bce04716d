"""The reception: whoever comes in is checked in by one scan, or gets a number and a slip."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Staff
from server.config import Settings
from server.console.drawing import inline
from server.console.frame import FRONT, chosen_hall, frame
from server.errors import NotFound
from server.features.catalogue import service as catalogue
from server.features.queue import service as queue
from server.web import Redirect, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_reception", url_prefix="/console/reception")
DESK = access.staff(*FRONT)
LISTED = 60


class ReceptionQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which hall, which kind of business is being asked for, and the ticket just given."""

    hall: UUID | None = None
    skill: Annotated[str, Meta(max_length=40)] = ""
    given: UUID | None = None


class ScanForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The token of a QR, or the whole scanned address."""

    token: Annotated[str, Meta(min_length=1, max_length=300)]
    hall: UUID


class NumberForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """A number without a booking."""

    hall: UUID
    skill: Annotated[str, Meta(min_length=1, max_length=40)]
    item: UUID | None = None
    green: queue.Green | None = None


@page(blueprint, "GET", "", access=DESK)
async def reception(actor: Staff, query: ReceptionQuery) -> Shown:
    """Show the scanner's field and the kinds of business."""
    hall, halls = await chosen_hall(actor, query.hall)
    kinds = await queue.kinds(actor, hall.id)
    skill = next((kind.skill for kind in kinds if query.skill in ("", kind.skill)), "")
    rows = {row.id: row for row in await queue.waiting(actor, hall.id)} if query.given else {}
    return "reception.html", frame(
        actor,
        "reception",
        hall=hall,
        halls=halls,
        kinds=kinds,
        skill=skill,
        items=await catalogue.items_at(hall.key, [skill], LISTED) if skill else [],
        greens=list(queue.Green),
        given=rows.get(query.given) if query.given else None,
        other_age=await queue.age_of_ticket(actor, query.given) if query.given in rows else None,
    )


@page(blueprint, "POST", "/scan", access=DESK)
async def scan(actor: Staff, form: ScanForm) -> Redirect:
    """Check in by a scan; a hand scanner types the whole address and presses Enter."""
    ticket = await queue.check_in_at_desk(actor, form.token.strip().rsplit("/", 1)[-1], at=form.hall)
    return Redirect(url("/console/reception", hall=form.hall, given=ticket.id))


@page(blueprint, "POST", "/number", access=DESK)
async def number(actor: Staff, form: NumberForm) -> Redirect:
    """Give a number."""
    ticket = await queue.walk_in_at_desk(actor, form.hall, form.skill, form.item, form.green)
    return Redirect(url("/console/reception", hall=form.hall, skill=form.skill, given=ticket.id))


@page(blueprint, "GET", "/slip/<ticket_id>", access=DESK)
async def slip(actor: Staff, ticket_id: UUID, settings: Settings) -> Shown:
    """Show a ticket as it is printed."""
    code = await queue.code_of(actor, ticket_id)
    if code is None:
        raise NotFound
    ticket = await queue.watch_by_code(actor, code, 0, 0)
    return "slip.html", frame(actor, "reception", ticket=ticket, qr=inline(f"{settings.public_url}/q/{code}"))
