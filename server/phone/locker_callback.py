"""Where lockers' terminals tell us things: proven, and answered with the cell that opens, or why none does."""

from __future__ import annotations

from msgspec import Struct
from sanic import Blueprint, Request

from server.features.delivery import service as delivery
from server.ports import Ports
from server.web import access, route

blueprint = Blueprint("locker_callback")


class CellAnswer(Struct, kw_only=True):
    """The cell the call was about: after a code, the one to open."""

    cell: int


@route(blueprint, "POST", "/locker/callback", access=access.public, limit="callback", hidden=True)
async def told(request: Request, ports: Ports) -> CellAnswer:
    """Hear from a terminal."""
    async with delivery.kept_if_unproven("locker"):
        call = ports.lockers.read(request.headers, request.body)
    return CellAnswer(cell=await delivery.told_by_locker(call))
