"""Grants by rules at the desk: what the rules came to, a person's look afterwards, and the switch of each item."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.registers import Column, Register, Searched
from server.features.cases import service as cases
from server.features.cases.service import RulingRow, Which
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_rulings", url_prefix="/console/rulings")
READERS = access.staff(*cases.READERS)
REVIEWERS = access.staff(Role.REVIEWER)

Words = Annotated[str, Meta(min_length=1, max_length=500)]


RULINGS: Register[RulingRow] = Register(
    "/console/rulings",
    (
        Column("console.cases.number", lambda row, _: row.number, "number"),
        Column("console.cases.item", lambda row, _: row.item, "item"),
        Column("console.cases.applicant", lambda row, _: row.applicant),
        Column("console.rulings.handed_in", lambda row, _: row.created_at, "since"),
        Column("console.rulings.came", lambda row, at: text(at, f"cases.ruling.state.{row.state}")),
        Column("console.rulings.why_person", lambda row, _: row.why),
        Column("console.rulings.looked", lambda row, at: row.look and text(at, f"cases.ruling.look.{row.look}")),
        Column("console.rulings.look_on", lambda row, _: row.look_on, "look"),
    ),
    on_record="cases.rulings_exported",
)


class ListQuery(Searched, kw_only=True, forbid_unknown_fields=True):
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
    chosen = _chosen(actor, query)
    return "rulings.html", frame(
        actor,
        "rulings",
        list=await RULINGS.laid(actor, await cases.rulings(actor, chosen), query),
        chosen=chosen,
        lists=Which.__args__,  # type: ignore[attr-defined]
        items=await cases.ruled_items(actor),
        switches=actor.has(Role.REVIEWER),
    )


@page(blueprint, "GET", "/export", access=READERS)
async def export(actor: Staff, query: ListQuery) -> Streamed:
    """Give them as a table."""
    return await RULINGS.table(actor, await cases.rulings(actor, _chosen(actor, query)), query)


def _chosen(actor: Staff, query: ListQuery) -> Which:
    return query.list or ("look" if actor.has(Role.REVIEWER) else "all")


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
