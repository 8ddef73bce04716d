"""The hall's calendar at the desk: base week, what differs from it, the rules, and when it is crowded."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import chosen_hall, clock_of, frame, minute_of, named_skill
from server.features.booking import service as booking
from server.features.booking.service import HallChange
from server.kit import clock, texts
from server.web import Redirect, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_calendar", url_prefix="/console/calendar")
MANAGER = access.staff(Role.HALL_MANAGER)
HOUR = "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"
EVERY_DAY = list(range(7))
HOUR_LONG = 60
USUAL_MINUTES, USUAL_PLACES = 30, 2


class CalendarQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which hall; `done` counts bookings a change has just touched.

    With `day`, `hour` and `skill` the form for another opening at that hour is filled in.
    """

    hall: UUID | None = None
    day: date | None = None
    hour: Annotated[int, Meta(ge=0, le=23)] | None = None
    skill: Annotated[str, Meta(max_length=40)] = ""
    done: Annotated[int, Meta(ge=0, le=100_000)] | None = None


class ChangeForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What differs from the base week. `sure` once its effect has been looked at."""

    hall: UUID
    kind: Literal["closed", "special", "season"]
    first_on: date
    last_on: date
    reason: Annotated[str, Meta(min_length=1, max_length=100)]
    skill: Annotated[str, Meta(max_length=40)] | None = None
    opens: Annotated[str, Meta(pattern=HOUR)] | None = None
    closes: Annotated[str, Meta(pattern=HOUR)] | None = None
    minutes: Annotated[int, Meta(ge=5, le=480)] | None = None
    capacity: Annotated[int, Meta(ge=1, le=1000)] | None = None
    sure: bool = False


class EndForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The hall to come back to. `sure` once what it would do has been looked at."""

    hall: UUID
    sure: bool = False


class AnswerForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What becomes of an appeal."""

    hall: UUID
    grant: bool = False


@page(blueprint, "GET", "", access=MANAGER)
async def calendar(actor: Staff, query: CalendarQuery) -> Shown:
    """Show the calendar of a hall."""
    hall, _ = await chosen_hall(actor, query.hall)
    form = None
    if query.day is not None and query.hour is not None:
        form = await _opening(actor, hall.id, query.skill, query.day, query.hour)
    return "calendar.html", await _screen(actor, hall.id, done=query.done, form=form)


@page(blueprint, "POST", "/change", access=MANAGER)
async def change(actor: Staff, form: ChangeForm) -> Shown | Redirect:
    """Show what a change would do; made sure of, make it."""
    wanted = HallChange(
        hall_id=form.hall,
        kind=form.kind,
        first_on=form.first_on,
        last_on=form.last_on,
        reason=form.reason,
        skill=form.skill or None,
        weekdays=EVERY_DAY,
        opens=minute_of(form.opens),
        closes=minute_of(form.closes),
        minutes=form.minutes,
        capacity=form.capacity,
    )
    if form.sure:
        done = await booking.change_hall(actor, wanted)
        return Redirect(url("/console/calendar", hall=form.hall, done=done.bookings))
    seen = await booking.effect(actor, wanted)
    return "calendar.html", await _screen(actor, form.hall, form=form, seen=seen)


@page(blueprint, "POST", "/<change_id>/end", access=MANAGER)
async def end(actor: Staff, change_id: UUID, form: EndForm) -> Shown | Redirect:
    """Show what taking a change back would do; made sure of, take it back."""
    if form.sure:
        done = await booking.end_change(actor, change_id)
        return Redirect(url("/console/calendar", hall=form.hall, done=done.bookings))
    ending, ended = await booking.end_effect(actor, change_id)
    return "calendar.html", await _screen(actor, ending.hall_id, ending=ending, ended=ended)


@page(blueprint, "POST", "/appeals/<appeal_id>", access=MANAGER)
async def answer(actor: Staff, appeal_id: UUID, form: AnswerForm) -> Redirect:
    """Decide whether not having come counts."""
    await booking.decide(actor, appeal_id, grant=form.grant)
    return Redirect(url("/console/calendar", hall=form.hall))


async def _opening(actor: Staff, hall_id: UUID, skill: str, day: date, hour: int) -> ChangeForm:
    """Fill in one place more at an hour: where the week has places then, at their times, so that none overlap."""
    minutes, capacity = USUAL_MINUTES, USUAL_PLACES
    begins = [hour * HOUR_LONG, hour * HOUR_LONG + minutes]
    for rule in await booking.week_of(actor, hall_id, day):
        if rule.skill == skill and rule.weekday == day.weekday():
            several = range(rule.opens, rule.closes - rule.minutes + 1, rule.minutes)
            within = [begin for begin in several if begin // HOUR_LONG == hour]
            if within:
                begins, minutes, capacity = within, rule.minutes, rule.capacity + 1
    return ChangeForm(
        hall=hall_id,
        kind="special",
        first_on=day,
        last_on=day,
        reason=texts.text(actor.locale, "console.load.reason"),
        skill=skill,
        opens=clock_of(begins[0]),
        closes=clock_of(begins[-1] + minutes),
        minutes=minutes,
        capacity=capacity,
    )


async def _screen(actor: Staff, asked: UUID | None, **more: object) -> dict[str, object]:
    hall, halls = await chosen_hall(actor, asked)
    changes = await booking.changes_of(actor, hall.id)
    rules = await booking.week_of(actor, hall.id)
    served = {*(rule.skill for rule in rules), *(one.skill for one in changes if one.skill)}
    return frame(
        actor,
        "calendar",
        hall=hall,
        halls=halls,
        today=clock.today(),
        skills={key: named_skill(actor, key) for key in sorted(served)},
        changes=changes,
        appeals=await booking.appeals(actor, hall.id),
        at=clock_of,
        **{"form": None, "seen": None, "done": None, "ending": None, **more},
    )
