"""The screen that faces the person at a window: their number, then the QR to rate by."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct
from sanic import Blueprint

from server.actor import Staff
from server.console.frame import FRONT, chosen_hall
from server.features.catalogue import service as catalogue
from server.features.queue import service as queue
from server.features.ratings import service as ratings
from server.web import access
from server.web.pages import Shown, page

blueprint = Blueprint("console_second", url_prefix="/console/queue/second")
DESK = access.staff(*FRONT)


class SecondQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which window's second screen."""

    window: UUID


@page(blueprint, "GET", "", access=DESK)
async def second(actor: Staff, query: SecondQuery) -> Shown:
    """Show the screen that faces the person: their number, then the QR to rate by."""
    return "second.html", await _facing(actor, query.window)


@page(blueprint, "GET", "/now", access=DESK, limit=None)
async def second_now(actor: Staff, query: SecondQuery) -> Shown:
    """Show only what changes on it."""
    return "second_now.html", await _facing(actor, query.window)


async def _facing(actor: Staff, window_id: UUID) -> dict[str, object]:
    window = await catalogue.window(window_id)
    await chosen_hall(actor, window.hall_id)
    rows = await queue.waiting(actor, window.hall_id)
    here = next((one for one in rows if one.window_id == window_id and one.state in ("called", "serving")), None)
    served = None if here else await queue.last_served(window_id)
    duty = await queue.duty_of(actor, window_id)
    return {
        "window": window,
        "here": here,
        "paused": duty is not None and duty.paused,
        "rating_token": await ratings.token_of_visit(served) if served else None,
    }
