"""Ratings over HTTP: whoever scanned the QR may rate, logged in or not."""

from __future__ import annotations

from sanic import Blueprint, Request

from server.actor import Actor
from server.config import Settings
from server.features.documents import service as documents
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
    RatingPictureQuery,
)
from server.ports import Ports
from server.web import Upload, access, asking, route

blueprint = Blueprint("ratings", url_prefix="/api/v1")


@route(blueprint, "GET", "/ratings/form", access=access.anyone, limit="scan")
async def form(actor: Actor, query: FormQuery, request: Request) -> FormOut:
    """Show the rating page, and to whoever has rated what became of it."""
    return await ratings.form(actor, query.token, query.secret, _kept(request, query.token))


@route(blueprint, "GET", "/ratings/place", access=access.anyone, limit="scan")
async def place(actor: Actor, query: PlaceQuery) -> PlaceOut:
    """Show what may be rated at the hall or window whose poster was scanned, or the visit of a slip."""
    return await ratings.place(actor, query)


@route(blueprint, "POST", "/ratings", access=access.anyone, limit="rating")
async def rate(actor: Actor, body: RateIn, request: Request) -> RatingOut:
    """Give a rating; the token makes it one, however often it is sent."""
    from_desk = bool(asking.cookie(request, asking.DESK_COOKIE))
    return await ratings.rate(actor, body, at_desk=await asking.staff(request), from_desk=from_desk)


@route(
    blueprint, "POST", "/ratings/pictures",
    access=access.anyone, status=201, limit="upload", max_bytes=documents.MOST_BYTES,
)  # fmt: skip
async def picture(
    actor: Actor, query: RatingPictureQuery, upload: Upload, ports: Ports, request: Request
) -> documents.PictureOut:
    """Send a picture for a rating that is still to be given: jpg, png or webp, at most 10 MB. It counts once named."""
    rater = await ratings.rater_of(actor, query.secret, _kept(request, query.token))
    return await ratings.offer_picture(rater, ports, query.token, upload.read)


@route(blueprint, "GET", "/ratings/figures", access=access.anyone)
async def figures(query: FiguresQuery, settings: Settings) -> FiguresOut:
    """Tell what is told in public of ratings, computed from them."""
    return await ratings.figures(query.item_id, settings.region)


@route(blueprint, "POST", "/ratings/change", access=access.anyone, limit="rating", idempotent=True)
async def change(actor: Actor, body: RateIn, request: Request) -> RatingOut:
    """Think better of one's own rating, once and within a day, logged in as then or on the phone it was given with."""
    at_desk = bool(await asking.staff(request)) or bool(asking.cookie(request, asking.DESK_COOKIE))
    rater = await ratings.rater_of(actor, body.secret, _kept(request, body.token))
    return await ratings.change(rater, body, at_desk=at_desk)


@route(blueprint, "POST", "/ratings/judge", access=access.anyone, limit="rating")
async def judge(actor: Actor, body: JudgeIn, request: Request) -> FormOut:
    """Say what one thinks of the answer to a bad rating: content, or once more."""
    secrets = (body.secret, _kept(request, body.token))
    at_desk, from_desk = await asking.staff(request), bool(asking.cookie(request, asking.DESK_COOKIE))
    await ratings.judge(await ratings.rater_of(actor, *secrets), body, at_desk=at_desk, from_desk=from_desk)
    return await ratings.form(actor, body.token, *secrets)


def _kept(request: Request, token: str) -> str:
    """Give the secret that this browser keeps since it rated on the page a scanned code opens."""
    return asking.cookie(request, asking.rated_cookie(token))
