"""What bad ratings oblige departments to, the most pressing first."""

from __future__ import annotations

from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import FRONT, frame
from server.features.ratings import service as ratings
from server.web import access
from server.web.pages import Shown, page

blueprint = Blueprint("console_rectifications", url_prefix="/console/rectifications")


@page(blueprint, "GET", "", access=access.staff(*FRONT, Role.REVIEWER, Role.SUPERVISOR))
async def rectifications(actor: Staff) -> Shown:
    """Show the open rectifications within reach."""
    return "rectifications.html", frame(actor, "rectifications", rows=await ratings.open_rectifications(actor))
