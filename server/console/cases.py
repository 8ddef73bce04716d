"""The case desk: the work list, one case in clear, and what may be done with it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import FRONT, frame
from server.errors import InvalidInput
from server.features.cases import service as cases
from server.features.cases.service import CaseOut, CorrectionLine
from server.features.documents import service as documents
from server.features.thread import service as thread
from server.ports import Ports
from server.web import Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_cases", url_prefix="/console/cases")
DESK = access.staff(*FRONT, Role.REVIEWER)
ACCEPTORS = access.staff(*FRONT)
DECIDERS = access.staff(Role.REVIEWER)

Tab = Literal["accept", "correction", "decide", "done"]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]


class ListQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which part of the work list."""

    list: Tab | None = None


class Empty(Struct, kw_only=True, forbid_unknown_fields=True):
    """A deed that needs no words."""


class ReasonForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why not; the applicant reads it in the notice."""

    reason: Reason


class OpinionForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What the decision says, if anything."""

    opinion: Annotated[str, Meta(max_length=500)] | None = None


class CorrectionForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What to mend: the lines ticked, and for each a reason in the same place of the list."""

    keys: Annotated[list[str], Meta(min_length=1, max_length=100)]
    reasons: Annotated[list[Reason], Meta(min_length=1, max_length=100)]


@page(blueprint, "GET", "", access=DESK)
async def worklist(actor: Staff, query: ListQuery) -> Shown:
    """Show the work list; reviewers begin with what they decide."""
    chosen: Tab = query.list or ("accept" if actor.has(*FRONT) else "decide")
    rows = await cases.worklist(actor, chosen)
    return "cases.html", frame(actor, "cases", rows=rows, chosen=chosen, lists=Tab.__args__)  # type: ignore[attr-defined]


@page(blueprint, "GET", "/<case_id>", access=DESK)
async def case(actor: Staff, case_id: UUID) -> Shown:
    """Show one case in clear; the applicant can read that somebody looked."""
    seen = await cases.view(actor, case_id)
    steps = [step for step in await thread.timeline(seen.case.thread_id) if step.public]
    clocks = await thread.clocks(seen.case.thread_id)
    return "case.html", frame(
        actor,
        "cases",
        seen=seen,
        case=seen.case,
        steps=[(step.at, thread.step_text(actor.locale, step.name, step.data)) for step in steps],
        clock=clocks[-1] if clocks else None,
        notices=await documents.notices_of(seen.case.thread_id, actor.locale),
        **_named(seen.case),
        choices={
            field.key: {choice.value: choice.label for choice in field.choices} for field in seen.case.content.form
        },
    )


def _named(case: CaseOut) -> dict[str, object]:
    """Name the lines of the guide: all of them, and those an applicant can be asked to mend."""
    fields = {field.key: field.label for field in case.content.form}
    askable = [(material.key, material.name) for material in case.materials if material.exempt is None]
    askable += [(key, label) for key, label in fields.items() if key in case.form]
    return {"labels": fields, "askable": askable, "names": {line.key: line.name for line in case.materials} | fields}


@page(blueprint, "POST", "/<case_id>/accept", access=ACCEPTORS)
async def accept(actor: Staff, case_id: UUID, form: Empty) -> Redirect:  # noqa: ARG001 - refuses stray fields
    """Accept the application."""
    await cases.accept(actor, case_id)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/ask-correction", access=ACCEPTORS)
async def ask_correction(actor: Staff, case_id: UUID, form: CorrectionForm) -> Redirect:
    """Ask for everything that must be mended, once."""
    if len(form.keys) != len(form.reasons):
        # A reason that belongs to another line would ask for the wrong thing.
        raise InvalidInput("cases.correction_empty")
    lines = [CorrectionLine(key=key, reason=reason) for key, reason in zip(form.keys, form.reasons, strict=True)]
    await cases.ask_correction(actor, case_id, lines)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/decline", access=ACCEPTORS)
async def decline(actor: Staff, case_id: UUID, form: ReasonForm) -> Redirect:
    """Refuse to take the application."""
    await cases.decline(actor, case_id, form.reason)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/grant", access=DECIDERS)
async def grant(actor: Staff, case_id: UUID, form: OpinionForm, ports: Ports) -> Redirect:
    """Decide yes."""
    await cases.grant(actor, ports.signer, case_id, form.opinion)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/deny", access=DECIDERS)
async def deny(actor: Staff, case_id: UUID, form: ReasonForm) -> Redirect:
    """Decide no."""
    await cases.deny(actor, case_id, form.reason)
    return _back(case_id)


def _back(case_id: UUID) -> Redirect:
    return Redirect(f"/console/cases/{case_id}")
