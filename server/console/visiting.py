"""Joint visits of a site at the desk, and technical reviews from before a case is accepted."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.features.cases import service as cases
from server.features.cases.service import OpinionIn, VisitIn, visits
from server.web import Redirect, access
from server.web.pages import page

blueprint = Blueprint("console_visiting", url_prefix="/console/cases")
REVIEWERS = access.staff(Role.REVIEWER)
Words = Annotated[str, Meta(min_length=1, max_length=500)]
Days = Annotated[list[date], Meta(max_length=5)]


class EarlyForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who looks at the technical side before the case is accepted, at what, for how many working days."""

    department: UUID
    question: Words
    days: Annotated[int, Meta(ge=1, le=60)]
    needed: bool = False


class VisitForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which departments come along, on which days it could be (what is left empty is none), and where."""

    departments: Annotated[list[UUID], Meta(max_length=30)] = []
    days: Days = []
    place: Words


class SuitsForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which of the days suit a department; none, if none is ticked."""

    department: UUID
    days: Days = []


class FoundForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a department found."""

    department: UUID
    passed: bool
    words: Words


class MendForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """In how many working days what was found is to be put right, if anything was."""

    days: Annotated[int, Meta(ge=1, le=120)] = 10


@page(blueprint, "POST", "/<case_id>/ask-early", access=REVIEWERS)
async def ask_early(actor: Staff, case_id: UUID, form: EarlyForm) -> Redirect:
    """Ask for a technical review that goes ahead of the decision."""
    wish = OpinionIn(department_id=form.department, question=form.question, days=form.days, needed=form.needed)
    await cases.ask_early(actor, case_id, wish)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/visit", access=REVIEWERS)
async def propose(actor: Staff, case_id: UUID, form: VisitForm) -> Redirect:
    """Propose days for one visit of all."""
    wish = VisitIn(department_ids=form.departments, days=form.days, place=form.place)
    await visits.propose(actor, case_id, wish)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/visit/agree", access=REVIEWERS)
async def agree(actor: Staff, case_id: UUID, form: SuitsForm) -> Redirect:
    """Say which of the days suit a department."""
    await visits.agree(actor, case_id, form.department, form.days)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/visit/note", access=REVIEWERS)
async def note(actor: Staff, case_id: UUID, form: FoundForm) -> Redirect:
    """Write down what a department found."""
    await visits.note(actor, case_id, form.department, passed=form.passed, words=form.words)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/visit/end", access=REVIEWERS)
async def end(actor: Staff, case_id: UUID, form: MendForm) -> Redirect:
    """Tell the applicant what came of it."""
    await visits.end(actor, case_id, mend_days=form.days)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/visit/drop", access=REVIEWERS)
async def drop(actor: Staff, case_id: UUID) -> Redirect:
    """Call it off."""
    await visits.drop(actor, case_id)
    return _back(case_id)


def _back(case_id: UUID) -> Redirect:
    return Redirect(f"/console/cases/{case_id}")
