"""Reports that something filled in is wrong: looked up by whoever answers for the source, and answered."""

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

blueprint = Blueprint("console_reports", url_prefix="/console/reports")
DESK = access.staff(Role.REVIEWER, Role.SUPERVISOR)
SHOWN = 30
MOST_DIGITS = 6


class ReportsQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """Those that wait, or those that are done."""

    done: Literal["", "1"] = ""


class AnswerForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What came of it; the person reads the words."""

    verdict: Literal["corrected", "kept"]
    words: Annotated[str, Meta(min_length=1, max_length=500)]


@page(blueprint, "GET", "", access=DESK)
async def reports(actor: Staff, query: ReportsQuery) -> Shown:
    """Show the reports of the actor's departments."""
    before = query.cursor or "0"
    if not (before.isascii() and before.isdigit() and len(before) <= MOST_DIGITS):
        raise BadCursor
    rows = await cases.reports(actor, answered=bool(query.done), limit=SHOWN + 1, skip=int(before))
    following = str(int(before) + SHOWN) if len(rows) > SHOWN else None
    return "reports.html", frame(actor, "reports", rows=rows[:SHOWN], query=query, pages=turns(query, following))


@page(blueprint, "POST", "/<report_id>/answer", access=DESK)
async def answer(actor: Staff, report_id: UUID, form: AnswerForm) -> Redirect:
    """Answer one."""
    await cases.answer_report(actor, report_id, form.verdict, form.words)
    return Redirect("/console/reports")
