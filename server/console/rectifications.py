"""What bad ratings oblige departments to, the most pressing first."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import FRONT, frame
from server.console.paging import Paged, part, turns
from server.features.ratings import service as ratings
from server.web import access
from server.web.pages import Shown, page

blueprint = Blueprint("console_rectifications", url_prefix="/console/rectifications")
SHOWN = 20
LIGHTS = ("red", "amber", "green")


class ListQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """What the list is narrowed to: `q` is part of an item's or department's name or of a number."""

    q: Annotated[str, Meta(max_length=60)] = ""
    light: Literal["", "red", "amber", "green"] = ""


@page(blueprint, "GET", "", access=access.staff(*FRONT, Role.REVIEWER, Role.SUPERVISOR))
async def rectifications(actor: Staff, query: ListQuery) -> Shown:
    """Show the open rectifications within reach."""
    found = await ratings.open_rectifications(actor)
    wanted = [row for row in found if query.q.strip() in f"{row.item} {row.department} {row.number or ''}"]
    rows, following = part([row for row in wanted if query.light in ("", row.light)], query, SHOWN)
    return "rectifications.html", frame(
        actor, "rectifications", rows=rows, query=query, lights=LIGHTS, pages=turns(query, following)
    )
