"""How a result comes, on the phone."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint

from server.actor import Citizen
from server.features.cases.service import DeliveryIn
from server.features.delivery import service as delivery
from server.features.delivery.schemas import ChoiceOut, SignatureIn
from server.web import access, route

blueprint = Blueprint("delivery", url_prefix="/api/v1")


@route(blueprint, "GET", "/threads/<thread_id:uuid>/delivery", access=access.verified)
async def choice(actor: Citizen, thread_id: UUID) -> ChoiceOut:
    """Show how the result of one of my matters is to come."""
    return await delivery.choice(actor, thread_id)


@route(blueprint, "PUT", "/threads/<thread_id:uuid>/delivery", access=access.verified, idempotent=True)
async def choose(actor: Citizen, thread_id: UUID, body: DeliveryIn) -> ChoiceOut:
    """Have it come another way."""
    return await delivery.choose(actor, thread_id, body)


@route(blueprint, "POST", "/threads/<thread_id:uuid>/delivery/signature", access=access.verified, idempotent=True)
async def sign(actor: Citizen, thread_id: UUID, body: SignatureIn) -> None:
    """Sign for a result at the counter."""
    await delivery.sign_on_phone(actor, thread_id, body.drawn)
