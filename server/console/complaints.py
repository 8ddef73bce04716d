"""What people write to the office: routed, taken by one officer, answered in time, and put beside the guide."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.config import Settings
from server.console.exhibits import private
from server.console.frame import frame
from server.console.registers import Column, Register, Searched
from server.console.walked import walk_mark
from server.db import Found
from server.features.catalogue import service as catalogue
from server.features.complaints import service as complaints
from server.features.complaints.service import DeskLine
from server.ports import Ports
from server.web import Raw, Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_complaints", url_prefix="/console/complaints")
DESK = access.staff(Role.REVIEWER, Role.HALL_MANAGER, Role.SUPERVISOR)
ROUTERS = access.staff(Role.HALL_MANAGER, Role.SUPERVISOR)
SUPERVISOR = access.staff(Role.SUPERVISOR)

Words = Annotated[str, Meta(min_length=1, max_length=complaints.LONGEST_REPORT)]
Public = Annotated[str, Meta(min_length=1, max_length=complaints.LONGEST_PUBLIC)]


# What people wrote stays on the screen: in a table it would go wherever the table goes.
COMPLAINTS: Register[DeskLine] = Register(
    "/console/complaints",
    (
        Column("console.complaints.number", lambda row, _: row.number, "number"),
        Column("console.complaints.kind", lambda row, _: row.kind_text, "kind"),
        Column("console.complaints.about", lambda row, _: row.title),
        Column("console.complaints.office", lambda row, _: row.office),
        Column("console.complaints.owner", lambda row, _: row.owner),
        Column("console.table.state", lambda row, _: row.state_text),
        Column("console.complaints.written_on", lambda row, _: row.written_on, "written"),
        Column("console.complaints.due_on", lambda row, _: row.due_on, "due"),
    ),
    on_record="complaints.exported",
)


class ListQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """What the list is narrowed to."""

    kind: Literal["", "question", "grievance", "stuck", "nuisance", "erratum"] = ""
    which: complaints.Which = "open"


class RouteForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where it belongs: one of the two."""

    department_id: UUID | None = None
    hall_id: UUID | None = None


class WordsForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """An answer, a note, a reason."""

    words: Words


class CallerJudgeForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether the caller takes the answer for one, and what is left if not."""

    satisfied: Literal["yes", "no"]
    words: Annotated[str, Meta(max_length=complaints.LONGEST_REPORT)] = ""


class GradeForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """How long it takes."""

    grade: Literal["now", "soon", "most"]


class PublicForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What stands in public, in words of its own."""

    question: Public
    answer: Public


@page(blueprint, "GET", "", access=DESK)
async def listed(actor: Staff, query: ListQuery, settings: Settings) -> Shown:
    """Show what is within reach: the open ones, one's own, those nobody answers for, or those that are over."""
    return "complaints.html", frame(
        actor, "complaints", list=await COMPLAINTS.laid(actor, await _found(actor, query), query), query=query,
        kinds=[one.value for one in complaints.Kind], lists=("open", "mine", "unrouted", "answered", "ended"),
        walked=await walk_mark(actor, settings.region),
    )  # fmt: skip


@page(blueprint, "GET", "/export", access=DESK)
async def export(actor: Staff, query: ListQuery) -> Streamed:
    """Give them as a table."""
    return await COMPLAINTS.table(actor, await _found(actor, query), query)


async def _found(actor: Staff, query: ListQuery) -> Found[DeskLine]:
    kind = complaints.Kind(query.kind) if query.kind else None
    return await complaints.complaints(actor, which=query.which, kind=kind)


@page(blueprint, "GET", "/<complaint_id>", access=DESK)
async def one(actor: Staff, complaint_id: UUID) -> Shown:
    """Show one, with what was done about it and what comes next."""
    return await _shown(actor, complaint_id)


@page(blueprint, "GET", "/<complaint_id>/pictures/<picture_id>", access=DESK)
async def picture(actor: Staff, complaint_id: UUID, picture_id: UUID, ports: Ports) -> Raw:
    """Show a screenshot; the look is on record."""
    return private(*await complaints.picture(actor, ports.files, complaint_id, picture_id))


@page(blueprint, "GET", "/<complaint_id>/pictures/<picture_id>/small", access=DESK)
async def small_picture(actor: Staff, complaint_id: UUID, picture_id: UUID, ports: Ports) -> Raw:
    """Show a screenshot small; that is a look as well."""
    return private(*await complaints.picture(actor, ports.files, complaint_id, picture_id, small=True))


@page(blueprint, "POST", "/<complaint_id>/route", access=ROUTERS)
async def route(actor: Staff, complaint_id: UUID, form: RouteForm) -> Redirect:
    """Send it where it belongs."""
    await complaints.route(actor, complaint_id, department_id=form.department_id, hall_id=form.hall_id)
    return Redirect("/console/complaints")


@page(blueprint, "POST", "/<complaint_id>/take", access=DESK)
async def take(actor: Staff, complaint_id: UUID) -> Redirect:
    """Answer for it from now on."""
    await complaints.take(actor, complaint_id)
    return _back(complaint_id)


@page(blueprint, "POST", "/<complaint_id>/hand-over", access=DESK)
async def hand_over(actor: Staff, complaint_id: UUID, form: WordsForm) -> Redirect:
    """Leave it to a colleague."""
    await complaints.hand_over(actor, complaint_id, words=form.words)
    return _back(complaint_id)


@page(blueprint, "POST", "/<complaint_id>/grade", access=DESK)
async def grade(actor: Staff, complaint_id: UUID, form: GradeForm) -> Redirect:
    """Say how long what got stuck takes."""
    await complaints.grade(actor, complaint_id, grade=form.grade)
    return _back(complaint_id)


@page(blueprint, "POST", "/<complaint_id>/extend", access=DESK)
async def extend(actor: Staff, complaint_id: UUID, form: WordsForm) -> Redirect:
    """Take some days more, once."""
    await complaints.extend(actor, complaint_id, reason=form.words)
    return _back(complaint_id)


@page(blueprint, "POST", "/<complaint_id>/answer", access=DESK)
async def answer(actor: Staff, complaint_id: UUID, form: WordsForm) -> Redirect:
    """Answer whoever wrote."""
    await complaints.answer(actor, complaint_id, words=form.words)
    return _back(complaint_id)


@page(blueprint, "POST", "/<complaint_id>/caller", access=DESK)
async def caller(actor: Staff, complaint_id: UUID) -> Shown:
    """Show whom to call; the look is on record."""
    return await _shown(actor, complaint_id, call=await complaints.caller(actor, complaint_id))


@page(blueprint, "POST", "/<complaint_id>/judge", access=DESK)
async def judge(actor: Staff, complaint_id: UUID, form: CallerJudgeForm) -> Redirect:
    """Write down what the caller says to the answer."""
    await complaints.judge_by_call(actor, complaint_id, satisfied=form.satisfied == "yes", words=form.words)
    return _back(complaint_id)


@page(blueprint, "POST", "/<complaint_id>/urge", access=SUPERVISOR)
async def urge(actor: Staff, complaint_id: UUID, form: WordsForm) -> Redirect:
    """Press for it."""
    await complaints.urge(actor, complaint_id, words=form.words)
    return _back(complaint_id)


@page(blueprint, "POST", "/<complaint_id>/publish", access=ROUTERS)
async def publish(actor: Staff, complaint_id: UUID, form: PublicForm) -> Redirect:
    """Put it beside the guide for everybody."""
    await complaints.publish(actor, complaint_id, question=form.question, answer=form.answer)
    return _back(complaint_id)


@page(blueprint, "POST", "/<complaint_id>/unpublish", access=ROUTERS)
async def unpublish(actor: Staff, complaint_id: UUID) -> Redirect:
    """Take it down again."""
    await complaints.unpublish(actor, complaint_id)
    return _back(complaint_id)


@page(blueprint, "POST", "/<complaint_id>/account", access=SUPERVISOR)
async def hold_to_account(actor: Staff, complaint_id: UUID, form: WordsForm) -> Redirect:
    """Write down who answers for what went wrong."""
    await complaints.hold_to_account(actor, complaint_id, words=form.words)
    return _back(complaint_id)


async def _shown(actor: Staff, complaint_id: UUID, *, call: complaints.CallBack | None = None) -> Shown:
    work = await complaints.complaint(actor, complaint_id)
    places = {}
    if "route" in work.may:
        places = {"department_id": await catalogue.departments(), "hall_id": await catalogue.halls()}
    return "complaint.html", frame(
        actor, "complaints", work=work, row=work.line, call=call, places=places,
        most=complaints.LONGEST_REPORT, most_public=complaints.LONGEST_PUBLIC,
    )  # fmt: skip


def _back(complaint_id: UUID) -> Redirect:
    return Redirect(f"/console/complaints/{complaint_id}")
