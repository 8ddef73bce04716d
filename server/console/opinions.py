"""Opinions at the desk: asking other departments beside each other, answering for one's own, taking a question back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.features.cases import service as cases
from server.features.cases.service import OpinionIn
from server.web import Redirect, access
from server.web.pages import page

blueprint = Blueprint("console_opinions", url_prefix="/console/cases")
REVIEWERS = access.staff(Role.REVIEWER)

Words = Annotated[str, Meta(min_length=1, max_length=500)]


class AskForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which department, what, for how many working days, and whether there is no grant without its yes."""

    department: UUID
    question: Words
    days: Annotated[int, Meta(ge=1, le=60)]
    needed: bool = False


class OpinionForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether the department agrees, and why."""

    agrees: bool
    answer: Words


class RecallForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which question is taken back."""

    question: UUID


@page(blueprint, "POST", "/<case_id>/ask-opinion", access=REVIEWERS)
async def ask(actor: Staff, case_id: UUID, form: AskForm) -> Redirect:
    """Ask another department."""
    wish = OpinionIn(department_id=form.department, question=form.question, days=form.days, needed=form.needed)
    await cases.ask_opinion(actor, case_id, wish)
    return Redirect(f"/console/cases/{case_id}")


@page(blueprint, "POST", "/<case_id>/answer-opinion", access=REVIEWERS)
async def answer(actor: Staff, case_id: UUID, form: OpinionForm) -> Redirect:
    """Answer for a department that was asked."""
    await cases.answer_opinion(actor, case_id, agrees=form.agrees, answer=form.answer)
    return Redirect(f"/console/cases/{case_id}")


@page(blueprint, "POST", "/<case_id>/recall-opinion", access=REVIEWERS)
async def recall(actor: Staff, case_id: UUID, form: RecallForm) -> Redirect:
    """Take back a question that was not answered."""
    await cases.recall_opinion(actor, case_id, form.question)
    return Redirect(f"/console/cases/{case_id}")
