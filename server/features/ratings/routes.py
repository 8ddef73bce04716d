"""Ratings over HTTP: whoever scanned the QR may rate, logged in or not."""

from __future__ import annotations

from sanic import Blueprint, Request

from server.actor import Actor, Citizen
from server.features.ratings import service as ratings
from server.features.ratings.schemas import (
    FiguresOut,
    FiguresQuery,
    FormOut,
    FormQuery,
    JudgeIn,
    PlaceOut,
    PlaceQuery,
    RateIn,
    RatingOut,
)
from server.web import access, asking, route

blueprint = Blueprint("ratings", url_prefix="/api/v1")


@route(blueprint, "GET", "/ratings/form", access=access.anyone, limit="scan")
async def form(actor: Actor, query: FormQuery) -> FormOut:
    """Show the rating page."""
    return await ratings.form(actor, query.token)


@route(blueprint, "GET", "/ratings/place", access=access.anyone, limit="scan")
async def place(actor: Actor, query: PlaceQuery) -> PlaceOut:
    """Show what may be rated at the hall or window whose poster was scanned, or the visit of a slip."""
    return await ratings.place(actor, query)


@route(blueprint, "POST", "/ratings", access=access.anyone, limit="rating")
async def rate(actor: Actor, body: RateIn, request: Request) -> RatingOut:
    """Give a rating; the token makes it one, however often it is sent."""
    from_desk = bool(asking.cookie(request, asking.DESK_COOKIE))
    return await ratings.rate(actor, body, at_desk=await asking.staff(request), from_desk=from_desk)


@route(blueprint, "GET", "/ratings/figures", access=access.anyone)
async def figures(query: FiguresQuery) -> FiguresOut:
    """Tell what is told in public of ratings, computed from them."""
    return await ratings.figures(query.item_id)


@route(blueprint, "POST", "/ratings/change", access=access.citizen, limit="rating", idempotent=True)
async def change(actor: Citizen, body: RateIn) -> RatingOut:
    """Think better of one's own rating, once and within a day."""
    return await ratings.change(actor, body)


@route(blueprint, "POST", "/ratings/judge", access=access.anyone, limit="rating")
async def judge(actor: Actor, body: JudgeIn) -> FormOut:
    """Say what one thinks of the answer to a bad rating: content, or once more."""
    await ratings.judge(actor, body)
    return await ratings.form(actor, body.token)
