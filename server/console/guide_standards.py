"""Guides beside the standards of province and city: where they differ, and why."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.guide_words import Words
from server.console.registers import Column, Register, Searched
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import Element, StandardLine
from server.features.identity import service as identity
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_guide_standards", url_prefix="/console/guides")
ADMINISTRATOR = access.staff(Role.ADMINISTRATOR)


def _standing(row: StandardLine, locale: str) -> str:
    if not row.differs:
        return text(locale, "console.standards.all_same")
    if row.unexplained:
        return text(locale, "console.standards.unexplained", count=row.unexplained)
    return text(locale, "console.standards.explained", count=row.differs)


STANDARDS: Register[StandardLine] = Register(
    "/console/guides/standards",
    (
        Column("console.standards.item", lambda row, _: row.name, "name"),
        Column("console.standards.code", lambda row, _: row.code, "code"),
        Column("console.standards.from", lambda row, at: text(at, f"console.standards.level.{row.level}")),
        Column("console.standards.source", lambda row, _: row.source),
        Column("console.standards.state", _standing),
    ),
    on_record="catalogue.standards_exported",
)


class StandardQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """`done`: a reason was kept just now."""

    done: Literal["", "explained"] = ""


class ExplainForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why one element differs from one standard."""

    standard: UUID
    element: Element
    reason: Annotated[str, Meta(min_length=1, max_length=300)]


@page(blueprint, "GET", "/standards", access=ADMINISTRATOR)
async def listed(actor: Staff, query: Searched) -> Shown:
    """List the items that have a standard."""
    found = await STANDARDS.laid(actor, await catalogue.standard_lines(actor), query)
    return "guide_standards.html", frame(actor, "guides", list=found)


@page(blueprint, "GET", "/standards/export", access=ADMINISTRATOR)
async def export(actor: Staff, query: Searched) -> Streamed:
    """Give them as a table."""
    return await STANDARDS.table(actor, await catalogue.standard_lines(actor), query)


@page(blueprint, "GET", "/<item_id>/standard", access=ADMINISTRATOR)
async def one(actor: Staff, item_id: UUID, query: StandardQuery) -> Shown:
    """Lay the guide of one item beside its standards."""
    laid = await catalogue.beside(actor, item_id)
    who = [one.explained_by for one in laid if one.explained_by is not None]
    return "guide_standard.html", frame(
        actor,
        "guides",
        item=await catalogue.item(item_id),
        laid=laid,
        drafted=await catalogue.draft(actor, item_id) is not None,
        done=query.done,
        words=Words(actor.locale),
        by=await identity.staff_labels(who),
    )


@page(blueprint, "POST", "/<item_id>/standard", access=ADMINISTRATOR)
async def explain(actor: Staff, item_id: UUID, form: ExplainForm) -> Redirect:
    """Keep a reason."""
    await catalogue.explain(actor, item_id, form.standard, form.element, form.reason)
    return Redirect(f"/console/guides/{item_id}/standard?done=explained")
