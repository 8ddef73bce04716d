"""Review at the desk: taking a case up, stopping and extending its clock, ending it undecided; the list as a table."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.cases import ListQuery
from server.console.frame import FRONT
from server.console.tables import as_csv
from server.features.cases import service as cases
from server.features.cases.service import PauseIn
from server.kit.spoken import spoken
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.pages import page

blueprint = Blueprint("console_reviewing", url_prefix="/console/cases")
DESK = access.staff(*FRONT, Role.REVIEWER)
WINDOWS = access.staff(*FRONT)
REVIEWERS = access.staff(Role.REVIEWER)

Words = Annotated[str, Meta(min_length=1, max_length=500)]
Days = Annotated[int, Meta(ge=1, le=400)]
COLUMNS = ("number", "item", "applicant", "submitted", "due", "law", "light", "state", "claimed")


class ClaimForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why it is taken from a colleague, where one has it."""

    over: Annotated[str, Meta(max_length=500)] = ""


class PauseForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which procedure stops the clock, on what basis, for how long, and how long the law itself gives, if it says."""

    kind: Annotated[str, Meta(max_length=40)]
    basis: Words
    days: Days
    law_days: Days | None = None
    seen: int | None = None


class ResultForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What came of the procedure."""

    result: Words


class ExtendForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """For how many more working days, and why; the applicant reads it in the notice."""

    days: Days
    reason: Words


class EndForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why the case ends; the applicant reads it in the notice."""

    reason: Words
    seen: int | None = None


@page(blueprint, "GET", "/export", access=DESK)
async def export(actor: Staff, query: ListQuery) -> Streamed:
    """Give the list as a table that a spreadsheet opens and never runs; that it was taken is on record."""
    rows = await cases.export(actor, query.wanted(actor))

    async def lines() -> AsyncIterator[list[str]]:
        async for row in rows:
            light = text(actor.locale, f"console.light.{row.light}") if row.light else ""
            said = (row.number, row.item.name, row.applicant, row.submitted_at, row.promise_on, row.law_on, light)
            yield [spoken(actor.locale, one) for one in (*said, row.state_text, row.claimed_by)]

    return as_csv("cases", [text(actor.locale, f"console.cases.{name}") for name in COLUMNS], lines())


@page(blueprint, "POST", "/<case_id>/claim", access=REVIEWERS)
async def claim(actor: Staff, case_id: UUID, form: ClaimForm) -> Redirect:
    """Take a case up."""
    await cases.claim(actor, case_id, over=form.over)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/release", access=REVIEWERS)
async def release(actor: Staff, case_id: UUID) -> Redirect:
    """Lay a case back for the others."""
    await cases.release(actor, case_id)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/pause", access=REVIEWERS)
async def pause(actor: Staff, case_id: UUID, form: PauseForm) -> Redirect:
    """Let the clock stand still."""
    wish = PauseIn(kind=form.kind, basis=form.basis, days=form.days, law_days=form.law_days, seen=form.seen)
    await cases.pause(actor, case_id, wish)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/resume", access=REVIEWERS)
async def resume(actor: Staff, case_id: UUID, form: ResultForm) -> Redirect:
    """Let the clock go on."""
    await cases.resume(actor, case_id, form.result)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/extend", access=REVIEWERS)
async def extend(actor: Staff, case_id: UUID, form: ExtendForm) -> Redirect:
    """Ask for more days."""
    await cases.ask_extension(actor, case_id, form.days, form.reason)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/approve-extension", access=REVIEWERS)
async def approve_extension(actor: Staff, case_id: UUID) -> Redirect:
    """Approve the days a colleague asked for."""
    await cases.approve_extension(actor, case_id)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/return-extension", access=REVIEWERS)
async def return_extension(actor: Staff, case_id: UUID) -> Redirect:
    """Send the days a colleague asked for back."""
    await cases.return_extension(actor, case_id)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/terminate", access=REVIEWERS)
async def terminate(actor: Staff, case_id: UUID, form: EndForm) -> Redirect:
    """End the handling without a decision."""
    await cases.terminate(actor, case_id, form.reason, seen=form.seen)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/take-back", access=WINDOWS)
async def take_back(actor: Staff, case_id: UUID, form: EndForm) -> Redirect:
    """Take the application back for its applicant, who asks for it here."""
    await cases.take_back(actor, case_id, form.reason)
    return _back(case_id)


def _back(case_id: UUID) -> Redirect:
    return Redirect(f"/console/cases/{case_id}")
