"""Where the courier tells us things: proven, taken or ignored, and answered with which of them."""

from __future__ import annotations

from msgspec import Struct
from sanic import Blueprint, Request

from server.features.delivery import service as delivery
from server.ports import Ports
from server.web import access, route

blueprint = Blueprint("courier_callback")


class CallAnswer(Struct, kw_only=True):
    """What becomes of a courier's call: taken, or `ignored` for a reason."""

    ignored: str | None


@route(blueprint, "POST", "/courier/callback", access=access.public, limit="callback", hidden=True)
async def told(request: Request, ports: Ports) -> CallAnswer:
    """Hear from the courier. What changes nothing is answered well, and why, so that it is not told again."""
    async with delivery.kept_if_unproven("courier"):
        call = ports.courier.read(request.headers, request.body)
    return CallAnswer(ignored=await delivery.told_by_courier(call))
