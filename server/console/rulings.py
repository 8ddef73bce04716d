"""Grants by rules at the desk: what the rules came to, a person's look afterwards, and the switch of each item."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.paging import Paged, turns
from server.features.cases import service as cases
from server.features.cases.service import Which
from server.kit.paging import BadCursor
from server.web import Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_rulings", url_prefix="/console/rulings")
READERS = access.staff(*cases.READERS)
REVIEWERS = access.staff(Role.REVIEWER)
SHOWN = 30
MOST_DIGITS = 6

Words = Annotated[str, Meta(min_length=1, max_length=500)]


class ListQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """Which of them."""

    list: Which | None = None


class LookForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether the grant was in order, and what was found."""

    verdict: Literal["in_order", "wrong"]
    found: Words


class SwitchForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether the rules of an item run from now on, and why."""

    running: bool
    reason: Words


@page(blueprint, "GET", "", access=READERS)
async def listed(actor: Staff, query: ListQuery) -> Shown:
    """Show what rules came to, and the items that have them; reviewers begin with what they look at."""
    before = query.cursor or "0"
    if not (before.isascii() and before.isdigit() and len(before) <= MOST_DIGITS):
        raise BadCursor
    chosen: Which = query.list or ("look" if actor.has(Role.REVIEWER) else "all")
    rows = await cases.rulings(actor, chosen, limit=SHOWN + 1, skip=int(before))
    following = str(int(before) + SHOWN) if len(rows) > SHOWN else None
    return "rulings.html", frame(
        actor,
        "rulings",
        rows=rows[:SHOWN],
        chosen=chosen,
        lists=Which.__args__,  # type: ignore[attr-defined]
        pages=turns(query, following),
        items=await cases.ruled_items(actor),
        switches=actor.has(Role.REVIEWER),
    )


@page(blueprint, "GET", "/cases/<case_id>", access=READERS)
async def shown(actor: Staff, case_id: UUID) -> Shown:
    """Show one trace; the applicant can read that it was read."""
    row, ruling = await cases.ruling(actor, case_id)
    return "ruling.html", frame(actor, "rulings", row=row, ruling=ruling, to_case=actor.has(Role.REVIEWER))


@page(blueprint, "POST", "/cases/<case_id>/look", access=REVIEWERS)
async def look(actor: Staff, case_id: UUID, form: LookForm) -> Redirect:
    """Write down what was found of one grant."""
    await cases.look_after(actor, case_id, in_order=form.verdict == "in_order", found=form.found)
    return Redirect(f"/console/cases/{case_id}")


@page(blueprint, "POST", "/items/<item_id>", access=REVIEWERS)
async def switch(actor: Staff, item_id: UUID, form: SwitchForm) -> Redirect:
    """Stop the rules of an item, or let them run again."""
    await cases.switch_rules(actor, item_id, running=form.running, reason=form.reason)
    return Redirect("/console/rulings")
