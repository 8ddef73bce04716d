"""What people write to the office: routed, taken by one officer, answered in time, and put beside the guide."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.paging import Paged, turns
from server.features.catalogue import service as catalogue
from server.features.complaints import service as complaints
from server.kit.paging import BadCursor
from server.web import Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_complaints", url_prefix="/console/complaints")
DESK = access.staff(Role.REVIEWER, Role.HALL_MANAGER, Role.SUPERVISOR)
ROUTERS = access.staff(Role.HALL_MANAGER, Role.SUPERVISOR)
SUPERVISOR = access.staff(Role.SUPERVISOR)
SHOWN = 30
MOST_DIGITS = 6

Words = Annotated[str, Meta(min_length=1, max_length=complaints.LONGEST_REPORT)]
Public = Annotated[str, Meta(min_length=1, max_length=complaints.LONGEST_PUBLIC)]


class ListQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """What the list is narrowed to: `q` is part of a number."""

    q: Annotated[str, Meta(max_length=20)] = ""
    kind: Literal["", "question", "grievance", "stuck", "nuisance", "erratum"] = ""
    which: complaints.Which = "open"


class RouteForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where it belongs: one of the two."""

    department_id: UUID | None = None
    hall_id: UUID | None = None


class WordsForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """An answer, a note, a reason."""

    words: Words


class GradeForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """How long it takes."""

    grade: Literal["now", "soon", "most"]


class PublicForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What stands in public, in words of its own."""

    question: Public
    answer: Public


@page(blueprint, "GET", "", access=DESK)
async def listed(actor: Staff, query: ListQuery) -> Shown:
    """Show what is within reach: the open ones, one's own, those nobody answers for, or those that are over."""
    before = query.cursor or "0"
    if not (before.isascii() and before.isdigit() and len(before) <= MOST_DIGITS):
        raise BadCursor
    kind = complaints.Kind(query.kind) if query.kind else None
    number = "".join(sign for sign in query.q if sign.isdigit())
    rows = await complaints.complaints(
        actor, which=query.which, kind=kind, number=number, limit=SHOWN + 1, skip=int(before)
    )
    following = str(int(before) + SHOWN) if len(rows) > SHOWN else None
    return "complaints.html", frame(
        actor, "complaints", rows=rows[:SHOWN], query=query, pages=turns(query, following),
        kinds=[one.value for one in complaints.Kind], lists=("open", "mine", "unrouted", "answered", "ended"),
    )  # fmt: skip


@page(blueprint, "GET", "/<complaint_id>", access=DESK)
async def one(actor: Staff, complaint_id: UUID) -> Shown:
    """Show one, with what was done about it and what comes next."""
    return await _shown(actor, complaint_id)


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
        actor, "complaints", work=work, row=work.line, call=call, places=places, grades=complaints.GRADES,
        most=complaints.LONGEST_REPORT, most_public=complaints.LONGEST_PUBLIC,
    )  # fmt: skip


def _back(complaint_id: UUID) -> Redirect:
    return Redirect(f"/console/complaints/{complaint_id}")
