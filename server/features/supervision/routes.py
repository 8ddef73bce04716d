"""The published score over HTTP: everybody may read it."""

from __future__ import annotations

from sanic import Blueprint

from server.actor import Actor
from server.config import Settings
from server.features.supervision import service as supervision
from server.features.supervision.schemas import ScoreOut
from server.web import access, route

blueprint = Blueprint("supervision", url_prefix="/api/v1")


@route(blueprint, "GET", "/score", access=access.public)
async def score(actor: Actor, settings: Settings) -> ScoreOut:
    """Give the score of the area, with its weights and its period."""
    return await supervision.published_score(actor.locale, settings.region)
