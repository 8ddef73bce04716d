"""The score of the county, for everybody to read: what it is made of, how each part weighs, and how it is counted."""

from __future__ import annotations

from sanic import Blueprint

from server.actor import Actor
from server.config import Settings
from server.features.supervision import service as supervision
from server.web import access
from server.web.pages import Shown, page

blueprint = Blueprint("score", url_prefix="/score")


@page(blueprint, "GET", "", access=access.public)
async def score(actor: Actor, settings: Settings) -> Shown:
    """Show it."""
    found = await supervision.public_score(settings.region)
    return "score.html", {"score": found, "period": supervision.period_said(actor.locale, found.period)}
