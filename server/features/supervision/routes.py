"""Over HTTP: the published score, which everybody may read, and logging in as the test person of a walk."""

from __future__ import annotations

from sanic import Blueprint, Request

from server.actor import Actor
from server.config import Settings
from server.features.identity.service import LoginOut
from server.features.supervision import service as supervision
from server.features.supervision.schemas import ScoreOut, WalkLoginIn
from server.web import access, asking, route

blueprint = Blueprint("supervision", url_prefix="/api/v1")


@route(blueprint, "GET", "/score", access=access.public)
async def score(actor: Actor, settings: Settings) -> ScoreOut:
    """Give the score of the area, with its weights and its period."""
    return await supervision.published_score(actor.locale, settings.region)


@route(blueprint, "POST", "/login/walk", access=access.public, limit="login")
async def login_walk(actor: Actor, body: WalkLoginIn, request: Request) -> LoginOut:
    """Log in as the test person of a walk, with the code its supervisor shows."""
    return await supervision.enter_walk(actor, body.code, asking.device(request))
