"""Pledges at the desk: what a department has to check, its findings, taking a grant back."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.registers import Column, Register, Searched
from server.features.cases import service as cases
from server.features.cases.service import SpotCheck
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_pledges", url_prefix="/console/pledges")
REVIEWERS = access.staff(Role.REVIEWER)

Words = Annotated[str, Meta(min_length=1, max_length=500)]


# By whether they are done: what is to do has a last day, what is done the moment.
CHECKS: dict[str, Register[SpotCheck]] = {
    done: Register(
        "/console/pledges",
        (
            Column("console.cases.number", lambda row, _: row.number, "number"),
            Column("console.cases.item", lambda row, _: row.item, "item"),
            Column("console.pledges.paper", lambda row, _: row.paper),
            Column("console.cases.applicant", lambda row, _: row.applicant),
            Column("console.table.state", lambda row, at: text(at, f"cases.pledge.state.{row.state}")),
            Column(f"console.pledges.{when}", lambda row, _: row.checked_at or row.due_on, "when"),
        ),
        on_record="cases.checks_exported",
    )
    for done, when in (("", "due"), ("1", "checked"))
}


class ChecksQuery(Searched, kw_only=True, forbid_unknown_fields=True):
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
    rows = await cases.spot_checks(actor, done=bool(query.done))
    found = await CHECKS[query.done].laid(actor, rows, query)
    return "pledges.html", frame(actor, "pledges", list=found, query=query)


@page(blueprint, "GET", "/export", access=REVIEWERS)
async def export(actor: Staff, query: ChecksQuery) -> Streamed:
    """Give them as a table."""
    rows = await cases.spot_checks(actor, done=bool(query.done))
    return await CHECKS[query.done].table(actor, rows, query)


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
