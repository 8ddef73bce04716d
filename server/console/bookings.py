"""Who comes today: confirm, decline, check in, note who did not come."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Staff
from server.console.frame import FRONT, chosen_hall, day_asked, frame
from server.console.registers import Column, Register, Searched
from server.console.walked import walk_mark
from server.features.booking import service as booking
from server.features.booking.service import DeskBooking
from server.features.queue import service as queue
from server.kit import clock
from server.web import Redirect, Streamed, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_bookings", url_prefix="/console/bookings")
DESK = access.staff(*FRONT)


DAY: Register[DeskBooking] = Register(
    "/console/bookings",
    (
        Column("console.bookings.time", lambda row, _: row.starts_at, "time"),
        Column("console.bookings.person", lambda row, _: row.person),
        Column("console.bookings.enterprise", lambda row, _: row.enterprise),
        Column("console.bookings.item", lambda row, _: row.item.name, "item"),
        Column("console.bookings.number", lambda row, _: row.number, "number"),
        Column("console.bookings.state", lambda row, _: row.state_text, "state"),
    ),
    on_record="booking.day_exported",
)


class DayQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """Which hall and day, and what of it: `state` one state.

    `ticket` is the number just drawn, `confirmed` and `declined` how many have just been answered.
    """

    hall: UUID | None = None
    day: date | None = None
    ticket: Annotated[str, Meta(max_length=10)] | None = None
    confirmed: Annotated[int, Meta(ge=0, le=200)] | None = None
    declined: Annotated[int, Meta(ge=0, le=1)] = 0
    state: Annotated[str, Meta(max_length=20)] = ""


class ConfirmForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The bookings ticked."""

    ids: Annotated[list[UUID], Meta(min_length=1, max_length=200)]
    hall: UUID
    day: date


class DeclineForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why not; the person reads it."""

    reason: Annotated[str, Meta(min_length=1, max_length=100)]
    offer: UUID | None = None
    hall: UUID
    day: date


class BackForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where to return to."""

    hall: UUID
    day: date


class ScanForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The token of the person's QR, or the whole scanned address."""

    token: Annotated[str, Meta(min_length=1, max_length=300)]
    hall: UUID
    day: date


@page(blueprint, "GET", "", access=DESK)
async def day(actor: Staff, query: DayQuery) -> Shown:
    """Show one day of one hall."""
    hall, halls = await chosen_hall(actor, query.hall)
    on = day_asked(query.day)
    everybody = await booking.day(actor, hall.id, on)
    laid = await DAY.laid(actor, [row for row in everybody if query.state in ("", row.state)], query)
    return "bookings.html", frame(
        actor,
        "bookings",
        hall=hall,
        halls=halls,
        walked=await walk_mark(actor, hall.region_code),
        day=on,
        before=on - timedelta(days=1),
        after=on + timedelta(days=1),
        today=clock.today(),
        list=laid,
        states=sorted({(row.state, row.state_text) for row in everybody}),
        query=query,
        offers=await booking.next_free(hall.id) if any("decline" in row.can for row in laid.rows) else {},
        waiting=sum("confirm" in row.can for row in laid.rows),
        ticket=query.ticket,
        confirmed=query.confirmed,
        declined=query.declined,
    )


@page(blueprint, "GET", "/export", access=DESK)
async def export(actor: Staff, query: DayQuery) -> Streamed:
    """Give the day as a table, without telephone numbers."""
    hall, _ = await chosen_hall(actor, query.hall)
    everybody = await booking.day(actor, hall.id, day_asked(query.day))
    return await DAY.table(actor, [row for row in everybody if query.state in ("", row.state)], query)


@page(blueprint, "POST", "/confirm", access=DESK)
async def confirm(actor: Staff, form: ConfirmForm) -> Redirect:
    """Say yes to all that are ticked."""
    # Where the page has no script, the button and its box both name the row: the desk counts it once.
    return _back(form.hall, form.day, confirmed=await booking.confirm(actor, form.ids))


@page(blueprint, "POST", "/<booking_id>/decline", access=DESK)
async def decline(actor: Staff, booking_id: UUID, form: DeclineForm) -> Redirect:
    """Say no, with the reason."""
    await booking.decline(actor, booking_id, form.reason, form.offer)
    return _back(form.hall, form.day, declined=1)


@page(blueprint, "POST", "/<booking_id>/check-in", access=DESK)
async def check_in(actor: Staff, booking_id: UUID, form: BackForm) -> Redirect:
    """The person stands here; give the ticket."""
    ticket = await queue.check_in_at_desk(actor, booking_id)
    return _back(form.hall, form.day, ticket=ticket.number)


@page(blueprint, "POST", "/scan", access=DESK)
async def scan(actor: Staff, form: ScanForm) -> Redirect:
    """Check in by the person's QR; a hand scanner types the whole address."""
    ticket = await queue.check_in_at_desk(actor, form.token.strip().rsplit("/", 1)[-1], at=form.hall)
    return _back(form.hall, form.day, ticket=ticket.number)


@page(blueprint, "POST", "/<booking_id>/no-show", access=DESK)
async def no_show(actor: Staff, booking_id: UUID, form: BackForm) -> Redirect:
    """The person did not come."""
    await booking.miss(actor, booking_id)
    return _back(form.hall, form.day)


def _back(hall: UUID, on: date, **said: str | int) -> Redirect:
    return Redirect(url("/console/bookings", hall=hall, day=on, **said))
