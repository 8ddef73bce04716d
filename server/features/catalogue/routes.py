"""What the phone asks of the catalogue. Reading needs no login."""

from __future__ import annotations

from sanic import Blueprint

from server.actor import Actor
from server.features.catalogue import service
from server.features.catalogue.schemas import HallView, ItemCard, SearchQuery, SuggestOut, SuggestQuery, ThemeOut
from server.web import Page, access, route

blueprint = Blueprint("catalogue", url_prefix="/api/v1")


@route(blueprint, "GET", "/items", access=access.public)
async def search(actor: Actor, query: SearchQuery) -> Page[ItemCard]:
    return await service.search(query)


@route(blueprint, "GET", "/items/suggest", access=access.public)
async def suggest(actor: Actor, query: SuggestQuery) -> SuggestOut:
    return await service.suggest(query.q)


@route(blueprint, "GET", "/themes", access=access.public)
async def themes(actor: Actor) -> list[ThemeOut]:
    return await service.themes(actor.locale)


@route(blueprint, "GET", "/halls", access=access.public)
async def halls(actor: Actor) -> list[HallView]:
    return await service.halls()
