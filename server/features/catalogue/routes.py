"""What the phone asks of the catalogue. Reading needs no login."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint

from server.actor import Actor
from server.features.catalogue import service
from server.features.catalogue.schemas import (
    FormQuery,
    HallPageOut,
    HallView,
    ItemCard,
    SearchQuery,
    SuggestOut,
    SuggestQuery,
    ThemeOut,
)
from server.web import Page, Raw, access, route

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


@route(blueprint, "GET", "/halls/<hall_id:uuid>", access=access.public)
async def hall(actor: Actor, hall_id: UUID) -> HallPageOut:
    return await service.hall_page(hall_id)


@route(blueprint, "GET", "/guides/<guide_id:uuid>/flow.svg", access=access.public)
async def flow(actor: Actor, guide_id: UUID) -> Raw:
    """Draw the steps of a guide."""
    return _drawn(await service.flow_chart(guide_id, actor.locale))


@route(blueprint, "GET", "/guides/<guide_id:uuid>/form.svg", access=access.public)
async def form(actor: Actor, guide_id: UUID, query: FormQuery) -> Raw:
    """Draw the form of a guide, blank or as a sample."""
    return _drawn(await service.sample_form(guide_id, actor.locale, filled=query.filled))


@route(blueprint, "GET", "/guides/<guide_id:uuid>/result.svg", access=access.public)
async def result(actor: Actor, guide_id: UUID) -> Raw:
    """Draw a sample of what comes out."""
    return _drawn(await service.sample_result(guide_id, actor.locale))


def _drawn(picture: str) -> Raw:
    # A version never changes; only the reader's language may.
    headers = {"cache-control": "public, max-age=86400", "vary": "accept-language"}
    return Raw(body=picture.encode(), content_type="image/svg+xml", headers=headers)
