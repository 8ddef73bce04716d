"""What was refused on the way of results: at the counter and the desk, of terminals, of the courier, each with why."""

from __future__ import annotations

from typing import Literal

from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import FRONT, frame
from server.console.paging import SHOWN, Paged, turns
from server.features.delivery import service as delivery
from server.web import access
from server.web.pages import Shown, page

blueprint = Blueprint("console_attempts", url_prefix="/console/attempts")
READERS = access.staff(*FRONT, Role.AUDITOR)


class AttemptsQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """Which way of it."""

    way: Literal["", "counter", "desk", "locker", "courier"] = ""


@page(blueprint, "GET", "", access=READERS)
async def attempts(actor: Staff, query: AttemptsQuery) -> Shown:
    """Show what was refused."""
    found = await delivery.attempts(actor, query.way, cursor=query.cursor, limit=SHOWN)
    return "attempts.html", frame(
        actor, "attempts", rows=found.items, ways=delivery.WAYS, query=query, pages=turns(query, found.next)
    )
