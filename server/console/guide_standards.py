"""Guides beside the standards of province and city: where they differ, and why."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.guide_words import Words
from server.console.paging import Paged, turns
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import Element
from server.features.identity import service as identity
from server.kit.paging import BadCursor
from server.web import Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_guide_standards", url_prefix="/console/guides")
ADMINISTRATOR = access.staff(Role.ADMINISTRATOR)
SHOWN = 30
MOST_DIGITS = 6


class StandardQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """`done`: a reason was kept just now."""

    done: Literal["", "explained"] = ""


class ExplainForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why one element differs from one standard."""

    standard: UUID
    element: Element
    reason: Annotated[str, Meta(min_length=1, max_length=300)]


@page(blueprint, "GET", "/standards", access=ADMINISTRATOR)
async def listed(actor: Staff, query: Paged) -> Shown:
    """List the items that have a standard."""
    before = query.cursor or "0"
    if not (before.isascii() and before.isdigit() and len(before) <= MOST_DIGITS):
        raise BadCursor
    found = await catalogue.standard_lines(actor, limit=SHOWN + 1, skip=int(before))
    items = list(dict.fromkeys(one.item_id for one in found))
    more = str(int(before) + SHOWN) if len(items) > SHOWN else None
    shown = [one for one in found if one.item_id in items[:SHOWN]]
    return "guide_standards.html", frame(actor, "guides", rows=shown, pages=turns(query, more))


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
