"""Leave and substitutes at the desk: whom one names, and for whom one acts."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.features.cases import service as cases
from server.features.cases.service import SubstitutionIn
from server.kit import clock
from server.web import Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_substitutions", url_prefix="/console/substitutions")
REVIEWERS = access.staff(Role.REVIEWER)


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
async def listed(actor: Staff) -> Shown:
    """Show the actor's leave and whom they act for."""
    return "substitutions.html", frame(
        actor,
        "substitutions",
        rows=await cases.substitutions(actor),
        colleagues=await cases.colleagues(actor),
        today=clock.today(),
    )


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
