"""The privacy text, which names a hall that answers questions about it."""

from __future__ import annotations

from sanic import Blueprint

from server.actor import Actor
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.identity.service import PrivacyOut
from server.web import access, route

blueprint = Blueprint("phone_privacy", url_prefix="/api/v1")


@route(blueprint, "GET", "/privacy", access=access.public)
async def privacy(actor: Actor) -> PrivacyOut:
    found = next((hall for hall in await catalogue.halls() if hall.phone and hall.kind == "hall"), None)
    if found is None:
        return identity.privacy(actor)
    return identity.privacy(actor, hall=found.name, phone=found.phone or "")
