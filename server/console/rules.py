"""The rules of a hall at the desk: how it takes bookings, and how it runs its line."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import chosen_hall, clock_of, frame, minute_of
from server.features.booking import service as booking
from server.features.identity import service as identity
from server.features.queue import service as queue
from server.kit import clock
from server.web import Redirect, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_rules", url_prefix="/console/calendar/rules")
MANAGER = access.staff(Role.HALL_MANAGER)
HERE = "/console/calendar/rules"
HOUR = "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"
# In the order a person thinks of them.
BOOKING = (
    ("horizon_days", "release_minute"),
    ("cancel_minutes", "hold_minutes", "offer_minutes"),
    ("per_person", "per_person_day", "per_person_item"),
    ("no_show_limit", "no_show_days", "blocked_days"),
)
QUEUE = (
    ("walk_in_from", "walk_in_until"),
    ("opens_minutes", "grace_minutes"),
    ("booked_minutes", "green_minutes", "green_age"),
    ("person_live", "person_day", "unnamed_live", "kiosk_minute"),
)
# What a screen shows only while a change is being looked at.
LOOKED_AT = ("form", "seen", "undoing", "line_form", "line_seen", "line_undoing")
TIMES = ("release_minute", "walk_in_from", "walk_in_until")

Hour = Annotated[str, Meta(pattern=HOUR)]
Number = Annotated[int, Meta(ge=0, le=100_000)]
Reason = Annotated[str, Meta(min_length=1, max_length=100)]


class RulesQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which hall; `done` what has just been kept."""

    hall: UUID | None = None
    done: Literal["", "booking", "queue", "undone"] = ""


class BookingForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The rules of booking, from which day, and why. `sure` once their effect has been looked at."""

    hall: UUID
    confirmation: Literal["staff", "auto"]
    horizon_days: Number
    release_minute: Hour
    cancel_minutes: Number
    hold_minutes: Number
    offer_minutes: Number
    per_person: Number
    per_person_day: Number
    per_person_item: Number
    no_show_limit: Number
    no_show_days: Number
    blocked_days: Number
    first_on: date
    reason: Reason
    sure: bool = False

    def values(self) -> dict[str, str | int]:
        """Give the rules by name."""
        names = [name for group in BOOKING for name in group if name not in TIMES]
        written: dict[str, str | int] = {name: getattr(self, name) for name in names}
        return written | {"confirmation": self.confirmation, "release_minute": minute_of(self.release_minute) or 0}


class QueueForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """How the hall runs its line, from which day, and why. `sure` once the effect has been looked at."""

    hall: UUID
    walk_in_from: Hour
    walk_in_until: Hour
    opens_minutes: Number
    grace_minutes: Number
    booked_minutes: Number
    green_minutes: Number
    green_age: Number
    person_live: Number
    person_day: Number
    unnamed_live: Number
    kiosk_minute: Number
    every_day: bool = False
    at_door: bool = False
    first_on: date
    reason: Reason
    sure: bool = False

    def values(self) -> dict[str, int | bool]:
        """Give the rules by name."""
        names = [name for group in QUEUE for name in group if name not in TIMES]
        written: dict[str, int | bool] = {name: getattr(self, name) for name in (*names, "every_day", "at_door")}
        times = {name: minute_of(getattr(self, name)) or 0 for name in ("walk_in_from", "walk_in_until")}
        return written | times


class UndoForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The hall to come back to. `sure` once what it would do has been looked at."""

    hall: UUID
    sure: bool = False


@page(blueprint, "GET", "", access=MANAGER)
async def rules(actor: Staff, query: RulesQuery) -> Shown:
    """Show the rules of a hall."""
    return "rules.html", await _screen(actor, query.hall, done=query.done)


@page(blueprint, "POST", "/booking", access=MANAGER)
async def set_booking(actor: Staff, form: BookingForm) -> Shown | Redirect:
    """Show what other rules of booking would do; made sure of, keep them."""
    if form.sure:
        await booking.edit_rules(actor, form.hall, form.values(), first_on=form.first_on, reason=form.reason)
        return Redirect(url(HERE, hall=form.hall, done="booking"))
    seen = await booking.rules_effect(actor, form.hall, form.values())
    return "rules.html", await _screen(actor, form.hall, form=form, seen=seen)


@page(blueprint, "POST", "/queue", access=MANAGER)
async def set_queue(actor: Staff, form: QueueForm) -> Shown | Redirect:
    """Show what another way to run the line would do; made sure of, keep it."""
    if form.sure:
        await queue.edit_line(actor, form.hall, form.values(), first_on=form.first_on, reason=form.reason)
        return Redirect(url(HERE, hall=form.hall, done="queue"))
    seen = await queue.line_effect(actor, form.hall, form.values())
    return "rules.html", await _screen(actor, form.hall, line_form=form, line_seen=seen)


@page(blueprint, "POST", "/<edit_id>/undo", access=MANAGER)
async def undo(actor: Staff, edit_id: UUID, form: UndoForm) -> Shown | Redirect:
    """Show what taking a change of the rules of booking back would do; made sure of, take it back."""
    if form.sure:
        await booking.undo_rules(actor, edit_id)
        return Redirect(url(HERE, hall=form.hall, done="undone"))
    undoing, seen = await booking.undo_rules_effect(actor, edit_id)
    return "rules.html", await _screen(actor, undoing.hall_id, undoing=undoing, seen=seen)


@page(blueprint, "POST", "/queue/<line_edit_id>/undo", access=MANAGER)
async def undo_queue(actor: Staff, line_edit_id: UUID, form: UndoForm) -> Shown | Redirect:
    """Show what taking a change of how the line is run back would do; made sure of, take it back."""
    if form.sure:
        await queue.undo_line(actor, line_edit_id)
        return Redirect(url(HERE, hall=form.hall, done="undone"))
    undoing, seen = await queue.undo_line_effect(actor, line_edit_id)
    return "rules.html", await _screen(actor, undoing.hall_id, line_undoing=undoing, line_seen=seen)


async def _screen(actor: Staff, asked: UUID | None, **more: object) -> dict[str, object]:
    hall, halls = await chosen_hall(actor, asked)
    edits = await booking.edits_of(actor, hall.id)
    line_edits = await queue.line_edits(actor, hall.id)
    people = [edit.staff_id for edit in edits] + [edit.staff_id for edit in line_edits]
    return frame(
        actor,
        "calendar",
        hall=hall,
        halls=halls,
        today=clock.today(),
        policy=await booking.policy_of(hall.id),
        line=await queue.policy_of(hall.id),
        booking_rules=BOOKING,
        queue_rules=QUEUE,
        times=TIMES,
        ranges={**booking.RANGES, **queue.RANGES},
        edits=edits,
        line_edits=line_edits,
        by=await identity.staff_labels(people),
        at=clock_of,
        **{**dict.fromkeys(LOOKED_AT), "done": "", **more},
    )
