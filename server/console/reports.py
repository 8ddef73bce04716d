"""Reports that something filled in is wrong: looked up by whoever answers for the source, and answered."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.registers import Column, Register, Searched
from server.features.cases import service as cases
from server.features.cases.service import ReportOut
from server.kit.texts import text
from server.ports import Ports
from server.web import Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_reports", url_prefix="/console/reports")
DESK = access.staff(Role.REVIEWER, Role.SUPERVISOR)

# What was filled in and what is right stays on the screen, where each look at it is on record.
REPORTS: Register[ReportOut] = Register(
    "/console/reports",
    (
        Column("console.reports.label", lambda row, _: row.label, "label"),
        Column("console.cases.number", lambda row, _: row.number, "number"),
        Column("console.cases.applicant", lambda row, _: row.applicant),
        Column(
            "console.reports.source", lambda row, at: text(at, f"cases.source.{row.source}", name=row.source_name or "")
        ),
        Column("console.reports.since", lambda row, _: row.at, "since"),
        Column("console.table.state", lambda row, at: text(at, f"console.reports.{row.state}")),
        Column("console.reports.answered_at", lambda row, _: row.answered_at),
    ),
    on_record="cases.reports_exported",
)


class ReportsQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """Those that wait, or those that are done."""

    done: Literal["", "1"] = ""


class AnswerForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What came of it; the person reads the words."""

    verdict: Literal["corrected", "kept"]
    words: Annotated[str, Meta(min_length=1, max_length=500)]


@page(blueprint, "GET", "", access=DESK)
async def reports(actor: Staff, query: ReportsQuery) -> Shown:
    """Show the reports of the actor's departments."""
    rows = await cases.reports(actor, answered=bool(query.done))
    return "reports.html", frame(actor, "reports", list=await REPORTS.laid(actor, rows, query), query=query)


@page(blueprint, "GET", "/export", access=DESK)
async def export(actor: Staff, query: ReportsQuery) -> Streamed:
    """Give them as a table."""
    rows = await cases.reports(actor, answered=bool(query.done), values=False)
    return await REPORTS.table(actor, rows, query)


@page(blueprint, "POST", "/<report_id>/answer", access=DESK)
async def answer(actor: Staff, report_id: UUID, form: AnswerForm, ports: Ports) -> Redirect:
    """Answer one."""
    await cases.answer_report(actor, ports.signer, report_id, form.verdict, form.words)
    return Redirect("/console/reports")
