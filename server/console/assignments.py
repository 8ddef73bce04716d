"""What supervisors ask of departments, and the flows they walk themselves."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.errors import NotFound
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import ItemView
from server.features.supervision import service as supervision
from server.features.supervision.service import Chosen
from server.web import Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_assignments", url_prefix="/console/assignments")
DESK = access.staff(Role.SUPERVISOR, Role.REVIEWER)
SUPERVISOR = access.staff(Role.SUPERVISOR)
REVIEWER = access.staff(Role.REVIEWER)
# More than so many have to be told apart by more words.
OFFERED = 20
HERE, WALKS = "/console/assignments", "/console/assignments/walks"

Words = Annotated[str, Meta(min_length=1, max_length=supervision.LONGEST_ASSIGNMENT)]


class AssignmentsQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Those under way, or those that are closed."""

    closed: Literal["", "1"] = ""


class AssignForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is asked of whom, within how many working days."""

    department: UUID
    words: Words
    days: Annotated[int, Meta(ge=1, le=supervision.MOST_ASSIGNED_DAYS)]


class AnswerForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The department's answer."""

    words: Words


class CloseForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether the answer will do."""

    verdict: Literal["close", "again"]


class WalksQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Words of the name of an item, or its code."""

    q: Annotated[str, Meta(max_length=60)] = ""


class WalkForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose way is walked: the item's own code."""

    code: Annotated[str, Meta(min_length=1, max_length=60)]


class StepForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The step that is behind, what was noted, and whether that becomes work."""

    place: Annotated[int, Meta(ge=0, le=99)]
    note: Annotated[str, Meta(max_length=supervision.LONGEST_ASSIGNMENT)] = ""
    task: Literal["", "1"] = ""


@page(blueprint, "GET", "", access=DESK)
async def assignments(actor: Staff, query: AssignmentsQuery) -> Shown:
    """Show what is asked, and ask more."""
    view = await supervision.view_of(actor, Chosen(), Role.SUPERVISOR)
    rows = await supervision.assignments(actor, closed=bool(query.closed))
    return "assignments.html", frame(
        actor, "assignments", rows=rows, query=query, departments=list(view.departments.values()),
        asks=actor.has(Role.SUPERVISOR), most=supervision.LONGEST_ASSIGNMENT, most_days=supervision.MOST_ASSIGNED_DAYS,
    )  # fmt: skip


@page(blueprint, "POST", "", access=SUPERVISOR)
async def assign(actor: Staff, form: AssignForm) -> Redirect:
    """Ask something of a department."""
    await supervision.assign(actor, form.department, form.words, days=form.days)
    return Redirect(HERE)


@page(blueprint, "POST", "/<assignment_id>/answer", access=REVIEWER)
async def answer(actor: Staff, assignment_id: UUID, form: AnswerForm) -> Redirect:
    """Answer for the department."""
    await supervision.answer_assignment(actor, assignment_id, form.words)
    return Redirect(HERE)


@page(blueprint, "POST", "/<assignment_id>/close", access=SUPERVISOR)
async def close(actor: Staff, assignment_id: UUID, form: CloseForm) -> Redirect:
    """Close it, or have it answered again."""
    await supervision.close_assignment(actor, assignment_id, content=form.verdict == "close")
    return Redirect(HERE)


@page(blueprint, "GET", "/walks", access=SUPERVISOR)
async def walks(actor: Staff, query: WalksQuery) -> Shown:
    """Show one's walks, and what there is to walk: nobody knows an item by its code."""
    words = query.q.strip()
    return "walks.html", frame(
        actor, "assignments", rows=await supervision.walks(actor), query=query,
        items=await _found(words) if words else None,
    )  # fmt: skip


@page(blueprint, "POST", "/walks", access=SUPERVISOR)
async def begin(actor: Staff, form: WalkForm) -> Redirect:
    """Set out."""
    item = await catalogue.item_by_code(form.code.strip())
    return Redirect(f"{WALKS}/{await supervision.begin_walk(actor, item.id)}")


@page(blueprint, "GET", "/walks/<walk_id>", access=SUPERVISOR)
async def walk(actor: Staff, walk_id: UUID) -> Shown:
    """Show one walk with the step under way."""
    return "walk.html", frame(
        actor, "assignments", walk=await supervision.walk(actor, walk_id), most=supervision.LONGEST_ASSIGNMENT,
        code=await supervision.code_shown(actor, walk_id),
    )  # fmt: skip


@page(blueprint, "POST", "/walks/<walk_id>/code", access=SUPERVISOR)
async def show_code(actor: Staff, walk_id: UUID) -> Redirect:
    """Show a code that logs a phone in as the test person of the walk."""
    await supervision.show_code(actor, walk_id)
    return Redirect(f"{WALKS}/{walk_id}")


@page(blueprint, "POST", "/walks/<walk_id>/end", access=SUPERVISOR)
async def end(actor: Staff, walk_id: UUID) -> Redirect:
    """End the walk before its last step."""
    await supervision.end_walk(actor, walk_id)
    return Redirect(f"{WALKS}/{walk_id}")


@page(blueprint, "POST", "/walks/<walk_id>", access=SUPERVISOR)
async def step(actor: Staff, walk_id: UUID, form: StepForm) -> Redirect:
    """Take the time of a step."""
    await supervision.next_step(actor, walk_id, form.place, note=form.note.strip(), task=bool(form.task))
    return Redirect(f"{WALKS}/{walk_id}")


async def _found(words: str) -> list[ItemView]:
    known = await catalogue.items((await catalogue.items_named(words))[:OFFERED])
    if not known:
        with suppress(NotFound):
            return [await catalogue.item_by_code(words)]
    return sorted((one for one in known.values() if one.active), key=lambda one: one.name)
