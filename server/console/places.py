"""The administrator's halls and windows: where they are, when they are open, what each window does; with a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.registers import Column, Register, Searched
from server.errors import NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import HallEdit, HallView, WindowEdit
from server.features.identity import service as identity
from server.kit import texts
from server.web import Redirect, Streamed, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_places", url_prefix="/console")
ADMINISTRATOR = access.staff(Role.ADMINISTRATOR)
HISTORY = 10
NEWEST_NUMBER = 999

Line = Annotated[str, Meta(max_length=120)]
Reason = Annotated[str, Meta(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True)
class HallLine:
    """A hall on the list, and how many of its windows are open and closed."""

    hall: HallView
    open: int
    closed: int


HALLS: Register[HallLine] = Register(
    "/console/halls",
    (
        Column("console.halls.name", lambda row, _: row.hall.name, "name"),
        Column("console.halls.address", lambda row, _: row.hall.address, "address"),
        Column("console.halls.hours", lambda row, _: row.hall.hours_text),
        Column("console.halls.phone", lambda row, _: row.hall.phone),
        Column(
            "console.halls.windows",
            lambda row, at: texts.text(at, "console.halls.windows_count", open=row.open, closed=row.closed),
        ),
    ),
    on_record="catalogue.halls_exported",
)


class HallsQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """What the list is narrowed to; `closed`: halls with a closed window."""

    closed: Literal["", "1"] = ""


class HallQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """`done`: what was just kept."""

    done: Literal["", "hall", "window", "added"] = ""


class HallForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """How a hall is found, and why it is corrected."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    address: Annotated[str, Meta(min_length=1, max_length=120)]
    hours_text: Annotated[str, Meta(min_length=1, max_length=120)]
    phone: Annotated[str, Meta(max_length=30)] = ""
    reason: Reason


class WindowForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a window does, and why that is changed."""

    name: Annotated[str, Meta(min_length=1, max_length=30)]
    skills: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=50)] = []
    open: bool = False
    reason: Reason


class NewWindowForm(WindowForm, kw_only=True, forbid_unknown_fields=True):
    """Another window."""

    number: Annotated[int, Meta(ge=1, le=NEWEST_NUMBER)]


@page(blueprint, "GET", "/halls", access=ADMINISTRATOR)
async def halls(actor: Staff, query: HallsQuery) -> Shown:
    """List the halls the administrator looks after."""
    rows = await _halls(actor, query)
    return "halls.html", frame(actor, "halls", list=await HALLS.laid(actor, rows, query), query=query)


@page(blueprint, "GET", "/halls/export", access=ADMINISTRATOR)
async def export(actor: Staff, query: HallsQuery) -> Streamed:
    """Give them as a table."""
    return await HALLS.table(actor, await _halls(actor, query), query)


async def _halls(actor: Staff, query: HallsQuery) -> list[HallLine]:
    halls = await catalogue.halls_to_edit(actor)
    windows = Counter((one.hall_id, one.open) for one in await catalogue.windows(*(hall.id for hall in halls)))
    lines = [HallLine(hall, windows[hall.id, True], windows[hall.id, False]) for hall in halls]
    return [line for line in lines if line.closed or not query.closed]


@page(blueprint, "GET", "/halls/<hall_id>", access=ADMINISTRATOR)
async def hall(actor: Staff, hall_id: UUID, query: HallQuery) -> Shown:
    """Show one hall, its windows, and what was changed lately."""
    shown = await _mine(actor, hall_id)
    windows = await catalogue.windows(hall_id)
    history = [one for place in (hall_id, *(window.id for window in windows)) for one in await _changes(place, hall_id)]
    history.sort(key=lambda one: one.at, reverse=True)
    return "hall.html", frame(
        actor,
        "halls",
        hall=shown,
        windows=windows,
        done=query.done,
        skills=await catalogue.skills(),
        skill=lambda key: texts.find(actor.locale, f"catalogue.skill.{key}") or key,
        spare=max((one.number for one in windows), default=0) + 1,
        history=history[:HISTORY],
        by=await identity.staff_labels([one.actor_id for one in history if one.actor_kind == "staff" and one.actor_id]),
    )


async def _changes(place: UUID, hall_id: UUID) -> list[audit.Entry]:
    return await audit.history("hall" if place == hall_id else "window", place, limit=HISTORY)


@page(blueprint, "POST", "/halls/<hall_id>", access=ADMINISTRATOR)
async def edit_hall(actor: Staff, hall_id: UUID, form: HallForm) -> Redirect:
    """Correct a hall."""
    edit = HallEdit(
        name=form.name, address=form.address, hours_text=form.hours_text, phone=form.phone, reason=form.reason
    )
    await catalogue.edit_hall(actor, hall_id, edit)
    return _back(hall_id, "hall")


@page(blueprint, "POST", "/halls/<hall_id>/windows", access=ADMINISTRATOR)
async def add_window(actor: Staff, hall_id: UUID, form: NewWindowForm) -> Redirect:
    """Open another window."""
    await catalogue.add_window(actor, hall_id, form.number, _edit(form))
    return _back(hall_id, "added")


@page(blueprint, "POST", "/windows/<window_id>", access=ADMINISTRATOR)
async def edit_window(actor: Staff, window_id: UUID, form: WindowForm) -> Redirect:
    """Change what a window does."""
    kept = await catalogue.edit_window(actor, window_id, _edit(form))
    return _back(kept.hall_id, "window")


def _edit(form: WindowForm) -> WindowEdit:
    return WindowEdit(name=form.name, skills=form.skills, open=form.open, reason=form.reason)


async def _mine(actor: Staff, hall_id: UUID) -> HallView:
    found = next((one for one in await catalogue.halls_to_edit(actor) if one.id == hall_id), None)
    if found is None:
        raise NotFound
    return found


def _back(hall_id: UUID, done: str) -> Redirect:
    return Redirect(url(f"/console/halls/{hall_id}", done=done))
