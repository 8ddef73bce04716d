"""The usual week at the desk: each line with its days, hours, places; changed from a day on, and undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import chosen_hall, clock_of, frame, minute_of, named_skill
from server.features.booking import service as booking
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.kit import clock, texts
from server.web import Redirect, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_supply", url_prefix="/console/calendar/week")
MANAGER = access.staff(Role.HALL_MANAGER)
HERE = "/console/calendar/week"
HOUR = "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"

Hour = Annotated[str, Meta(pattern=HOUR)]
Weekday = Annotated[int, Meta(ge=0, le=6)]


class WeekQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which hall, and the week of which day; `done` counts bookings that a change has just touched."""

    hall: UUID | None = None
    on: date | None = None
    done: Annotated[int, Meta(ge=0, le=100_000)] | None = None


class LineForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """One line as it should be; `out` takes it out of the week. `sure` once its effect has been looked at."""

    hall: UUID
    skill: Annotated[str, Meta(min_length=1, max_length=40)]
    ids: Annotated[list[UUID], Meta(max_length=7)] = []
    weekdays: Annotated[list[Weekday], Meta(max_length=7)] = []
    opens: Hour | None = None
    closes: Hour | None = None
    minutes: Annotated[int, Meta(ge=5, le=480)] = 30
    capacity: Annotated[int, Meta(ge=1, le=1000)] = 1
    first_on: date
    reason: Annotated[str, Meta(min_length=1, max_length=100)]
    out: bool = False
    sure: bool = False


class UndoForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The hall to come back to. `sure` once what it would do has been looked at."""

    hall: UUID
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Rules of one kind of business that differ only in their weekday."""

    ids: tuple[UUID, ...]
    weekdays: tuple[int, ...]
    opens: int
    closes: int
    minutes: int
    capacity: int


@page(blueprint, "GET", "", access=MANAGER)
async def week(actor: Staff, query: WeekQuery) -> Shown:
    """Show the week of a hall."""
    return "week.html", await _screen(actor, query.hall, on=query.on, done=query.done)


@page(blueprint, "POST", "", access=MANAGER)
async def change(actor: Staff, form: LineForm) -> Shown | Redirect:
    """Show what a change of a line would do; made sure of, make it."""
    edit = booking.LineEdit(
        hall_id=form.hall,
        skill=form.skill,
        first_on=form.first_on,
        reason=form.reason,
        replaces=tuple(form.ids),
        weekdays=() if form.out else tuple(form.weekdays),
        opens=minute_of(form.opens) or 0,
        closes=minute_of(form.closes) or 0,
        minutes=form.minutes,
        capacity=form.capacity,
    )
    if form.sure:
        done = await booking.edit_line(actor, edit)
        return Redirect(url(HERE, hall=form.hall, on=form.first_on, done=done.bookings))
    seen = await booking.line_effect(actor, edit)
    return "week.html", await _screen(actor, form.hall, form=form, seen=seen)


@page(blueprint, "POST", "/<plan_id>/undo", access=MANAGER)
async def undo(actor: Staff, plan_id: UUID, form: UndoForm) -> Shown | Redirect:
    """Show what taking a change back would do; made sure of, take it back."""
    if form.sure:
        done = await booking.undo_plan(actor, plan_id)
        return Redirect(url(HERE, hall=form.hall, done=done.bookings))
    undoing, undone = await booking.undo_effect(actor, plan_id)
    return "week.html", await _screen(actor, undoing.hall_id, undoing=undoing, undone=undone)


async def _screen(actor: Staff, asked: UUID | None, *, on: date | None = None, **more: object) -> dict[str, object]:
    hall, halls = await chosen_hall(actor, asked)
    day = on or clock.today()
    found = _lines(await booking.week_of(actor, hall.id, day))
    plans = await booking.plans_of(actor, hall.id)
    names = {key: named_skill(actor, key) for key in {*await catalogue.skills(), *found, *(one.skill for one in plans)}}
    return frame(
        actor,
        "calendar",
        hall=hall,
        halls=halls,
        today=clock.today(),
        on=day,
        lines=found,
        skills=names,
        plans=plans,
        by=await identity.staff_labels([plan.staff_id for plan in plans]),
        at=clock_of,
        days_text=lambda days: _days(actor.locale, days),
        **{"form": None, "seen": None, "done": None, "undoing": None, **more},
    )


def _lines(rules: Iterable[booking.SlotRule]) -> Mapping[str, list[Line]]:
    alike: dict[tuple[str, int, int, int, int], list[booking.SlotRule]] = defaultdict(list)
    for rule in rules:
        alike[rule.skill, rule.opens, rule.closes, rule.minutes, rule.capacity].append(rule)
    found: dict[str, list[Line]] = {}
    for (skill, *rest), several in alike.items():
        several.sort(key=lambda rule: rule.weekday)
        line = Line(tuple(one.id for one in several), tuple(one.weekday for one in several), *rest)
        found.setdefault(skill, []).append(line)
    return {skill: sorted(found[skill], key=lambda line: (line.weekdays, line.opens)) for skill in sorted(found)}


def _days(locale: str, days: Iterable[int]) -> str:
    """Write weekdays as people say them: Monday to Friday, or each by name."""
    several = sorted(days)
    names = [texts.text(locale, f"common.weekday.{(day + 1) % 7}") for day in several]
    if len(several) > 2 and several == list(range(several[0], several[-1] + 1)):
        return texts.text(locale, "console.week.range", first=names[0], last=names[-1])
    return texts.text(locale, "common.comma").join(names)
