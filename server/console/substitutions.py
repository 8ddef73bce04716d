"""Leave and substitutes at the desk: whom one names, and for whom one acts."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.registers import Column, Register, Searched
from server.features.cases import service as cases
from server.features.cases.service import SubstitutionIn, SubstitutionOut
from server.kit import clock
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_substitutions", url_prefix="/console/substitutions")
REVIEWERS = access.staff(Role.REVIEWER)

KNOWN: Register[SubstitutionOut] = Register(
    "/console/substitutions",
    (
        Column("console.substitutions.away", lambda row, _: row.away, "away"),
        Column("console.substitutions.who", lambda row, _: row.substitute, "substitute"),
        Column("console.substitutions.first_on", lambda row, _: row.first_on, "first_on"),
        Column("console.substitutions.last_on", lambda row, _: row.last_on, "last_on"),
        Column("console.substitutions.why", lambda row, _: row.reason),
        Column(
            "console.authorisations.state.label", lambda row, at: text(at, f"console.substitutions.state.{row.state}")
        ),
    ),
    on_record="cases.exported",
)


class ListQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """How those stand that are asked for."""

    state: Literal["", "coming", "active", "over", "ended"] = ""


class NameForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who, from which day until which, and why."""

    substitute: UUID
    first_on: date
    last_on: date
    reason: Annotated[str, Meta(min_length=1, max_length=200)]


class EndForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which one ends at once."""

    ends: UUID


@page(blueprint, "GET", "", access=REVIEWERS)
async def listed(actor: Staff, query: ListQuery) -> Shown:
    """Show the actor's leave and whom they act for."""
    return "substitutions.html", frame(
        actor,
        "substitutions",
        list=await KNOWN.laid(actor, await _wanted(actor, query), query),
        query=query,
        states=("coming", "active", "over", "ended"),
        colleagues=await cases.colleagues(actor),
        today=clock.today(),
    )


@page(blueprint, "GET", "/export", access=REVIEWERS)
async def export(actor: Staff, query: ListQuery) -> Streamed:
    """Give the list as a table; that it was taken is on record."""
    return await KNOWN.table(actor, await _wanted(actor, query), query)


async def _wanted(actor: Staff, query: ListQuery) -> list[SubstitutionOut]:
    return [one for one in await cases.substitutions(actor) if query.state in ("", one.state)]


@page(blueprint, "POST", "", access=REVIEWERS)
async def name(actor: Staff, form: NameForm) -> Redirect:
    """Name a substitute."""
    await cases.name_substitute(
        actor,
        SubstitutionIn(substitute_id=form.substitute, first_on=form.first_on, last_on=form.last_on, reason=form.reason),
    )
    return Redirect("/console/substitutions")


@page(blueprint, "POST", "/end", access=REVIEWERS)
async def end(actor: Staff, form: EndForm) -> Redirect:
    """End one before its last day."""
    await cases.end_substitution(actor, form.ends)
    return Redirect("/console/substitutions")
