"""Pledges at the desk: what a department has to check, its findings, taking a grant back."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.paging import Paged, turns
from server.features.cases import service as cases
from server.kit.paging import BadCursor
from server.web import Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_pledges", url_prefix="/console/pledges")
REVIEWERS = access.staff(Role.REVIEWER)
SHOWN = 30
MOST_DIGITS = 6

Words = Annotated[str, Meta(min_length=1, max_length=500)]


class ChecksQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """Those to do, or those that are done."""

    done: Literal["", "1"] = ""


class FindingForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which pledge, whether it was true, and what was found; an untrue one's words go into the notice."""

    key: Annotated[str, Meta(max_length=40)]
    verdict: Literal["true", "untrue"]
    found: Words


class RevokeForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why the grant is taken back; the applicant reads it in the notice."""

    reason: Words


@page(blueprint, "GET", "", access=REVIEWERS)
async def checks(actor: Staff, query: ChecksQuery) -> Shown:
    """Show what the officer's departments have to check."""
    before = query.cursor or "0"
    if not (before.isascii() and before.isdigit() and len(before) <= MOST_DIGITS):
        raise BadCursor
    rows = await cases.spot_checks(actor, done=bool(query.done), limit=SHOWN + 1, skip=int(before))
    following = str(int(before) + SHOWN) if len(rows) > SHOWN else None
    return "pledges.html", frame(actor, "pledges", rows=rows[:SHOWN], query=query, pages=turns(query, following))


@page(blueprint, "POST", "/<case_id>/finding", access=REVIEWERS)
async def finding(actor: Staff, case_id: UUID, form: FindingForm) -> Redirect:
    """Write down what was found of one pledge."""
    await cases.answer_check(actor, case_id, form.key, is_true=form.verdict == "true", found=form.found)
    return Redirect(f"/console/cases/{case_id}")


@page(blueprint, "POST", "/<case_id>/revoke", access=REVIEWERS)
async def revoke(actor: Staff, case_id: UUID, form: RevokeForm) -> Redirect:
    """Take a grant back that rested on an untrue pledge."""
    await cases.revoke(actor, case_id, form.reason)
    return Redirect(f"/console/cases/{case_id}")
