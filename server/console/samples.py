"""Random sampling: draw cases, look through each by a list, take the table away."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.registers import Column, Register, Searched
from server.console.tables import as_csv
from server.features.audit import service as audit
from server.features.supervision import service as supervision
from server.features.supervision.service import Chosen, DrawView
from server.features.thread import service as thread
from server.kit.spoken import spoken
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_samples", url_prefix="/console/assignments/samples")
SUPERVISOR = access.staff(Role.SUPERVISOR)
HERE = "/console/assignments/samples"

Answer = Literal["", "good", "bad", "none"]


DRAWS: Register[DrawView] = Register(
    HERE,
    (
        Column("console.samples.at", lambda row, _: row.at, "at"),
        Column("console.samples.place", lambda row, _: row.place, "place"),
        Column("console.seals.first_on", lambda row, _: row.first_on, "first_on"),
        Column("console.seals.last_on", lambda row, _: row.last_on),
        Column("console.samples.population", lambda row, _: row.population),
        Column("console.samples.drawn", lambda row, _: row.drawn),
        Column("console.samples.looked", lambda row, _: row.checked),
        Column("console.samples.found", lambda row, _: row.bad, "bad"),
    ),
    on_record="supervision.samples_exported",
)


class DrawForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """From what, and how many."""

    region: Annotated[str, Meta(max_length=12)] = ""
    department: UUID | None = None
    at_hall: UUID | None = None
    first_on: date
    last_on: date
    number: Annotated[int, Meta(ge=1, le=supervision.MOST_DRAWN)]


class CheckListForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The list of one case."""

    papers: Answer = ""
    told_once: Answer = ""
    in_time: Answer = ""
    reasons: Answer = ""
    fees: Answer = ""
    handed_over: Answer = ""
    on_record: Answer = ""
    note: Annotated[str, Meta(max_length=supervision.LONGEST_ASSIGNMENT)] = ""


@page(blueprint, "GET", "", access=SUPERVISOR)
async def samples(actor: Staff, query: Searched) -> Shown:
    """Show one's draws, and draw."""
    view = await supervision.view_of(actor, Chosen(), Role.SUPERVISOR)
    return "samples.html", frame(
        actor, "assignments", list=await DRAWS.laid(actor, await supervision.draws(actor), query), regions=view.regions,
        departments=list(view.departments.values()), halls=list(view.halls.values()), most=supervision.MOST_DRAWN,
    )  # fmt: skip


@page(blueprint, "GET", "/export", access=SUPERVISOR)
async def table(actor: Staff, query: Searched) -> Streamed:
    """Give one's draws as a table."""
    return await DRAWS.table(actor, await supervision.draws(actor), query)


@page(blueprint, "POST", "", access=SUPERVISOR)
async def draw(actor: Staff, form: DrawForm) -> Redirect:
    """Draw."""
    chosen = Chosen(region=form.region, department=form.department, hall=form.at_hall)
    drawn = await supervision.draw_sample(actor, chosen, form.first_on, form.last_on, form.number)
    return Redirect(f"{HERE}/{drawn}")


@page(blueprint, "GET", "/<draw_id>", access=SUPERVISOR)
async def sample(actor: Staff, draw_id: UUID) -> Shown:
    """Show one draw with its cases."""
    found, rows = await supervision.draw(actor, draw_id)
    steps = await thread.timelines([row.thread_id for row in rows if row.checked_at is None])
    return "sample.html", frame(
        actor, "assignments", draw=found, rows=rows,
        steps={
            row.place: [
                (one.at, thread.step_text(actor.locale, one.name, one.data))
                for one in steps.get(row.thread_id, ())
                if one.public and not one.apart
            ]
            for row in rows
        }, questions=supervision.QUESTIONS, answers=supervision.ANSWERS,
        most=supervision.LONGEST_ASSIGNMENT,
    )  # fmt: skip


@page(blueprint, "POST", "/<draw_id>/<place:int>", access=SUPERVISOR)
async def check(actor: Staff, draw_id: UUID, place: int, form: CheckListForm) -> Redirect:
    """Write down what one case was like."""
    answers = {key: str(value) for key, value in msgspec.structs.asdict(form).items() if key != "note"}
    await supervision.check_sample(actor, draw_id, place, answers, form.note)
    return Redirect(f"{HERE}/{draw_id}")


@page(blueprint, "GET", "/<draw_id>/export", access=SUPERVISOR)
async def export(actor: Staff, draw_id: UUID) -> Streamed:
    """Give the draw as a table: how it was drawn, and what each case was like; that it was taken is on record."""
    found, rows = await supervision.draw(actor, draw_id)
    await audit.taken(actor, "supervision.samples_exported", "sample", lines=len(rows))
    heads = ("number", "department", "hall", "checked", *supervision.QUESTIONS, "note")
    lines: list[tuple[object, ...]] = []
    for row in rows:
        said = [_said(actor, row.answers.get(key)) for key in supervision.QUESTIONS]
        checked = "" if row.checked_at is None else spoken(actor.locale, row.checked_at)
        lines.append((row.number, row.department, row.hall, checked, *said, row.note or ""))
    lines.append((text(actor.locale, "console.samples.seed"), found.seed, found.population))
    named = [text(actor.locale, f"console.samples.column.{name}") for name in heads]
    return as_csv(f"sample-{found.first_on}-{found.last_on}", named, lines)


def _said(actor: Staff, answer: str | None) -> str:
    return "" if answer is None else text(actor.locale, f"console.samples.answer.{answer}")
