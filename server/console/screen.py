"""The hall's screen: who is called where, large and aloud. Public, since nothing on it is anybody's.

Only a screen that the desk has let in also shows the code that changes: it proves that whoever scans it stands there.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from sanic import Blueprint, Request

from server.actor import Actor
from server.config import Settings
from server.console.drawing import fresh
from server.errors import NotFound
from server.features.queue import service as queue
from server.features.queue.service import DeviceKind
from server.kit import wire
from server.web import Event, EventStream, Raw, Redirect, access, asking, route
from server.web.events import last_seen
from server.web.pages import Shown, page

blueprint = Blueprint("console_screen", url_prefix="/screen")


@page(blueprint, "GET", "/<hall_id>", access=access.public)
async def screen(actor: Actor, hall_id: UUID, request: Request) -> Shown:
    """Show the screen as it is now; its script keeps it so."""
    board = await queue.board(actor, hall_id)
    known = await _known(request, hall_id)
    return "screen.html", {"board": board, "first": wire.encode(board).decode(), "door": known}


@route(blueprint, "GET", "/<hall_id:uuid>/live", access=access.public, hidden=True)
async def live(actor: Actor, hall_id: UUID, request: Request) -> EventStream:
    """Stream the whole screen with every change, so that nothing is lost with a connection; a beat says it lives."""
    await queue.board(actor, hall_id)  # an unknown hall is refused before the stream has begun
    return EventStream(_events(actor, hall_id, last_seen(request)))


@route(blueprint, "GET", "/<hall_id:uuid>/door.svg", access=access.public, hidden=True)
async def door(hall_id: UUID, request: Request, settings: Settings) -> Raw | Redirect:
    """Draw the code of this minute, for the hall's own screen alone; any other is sent to where it is let in."""
    if not await _known(request, hall_id):
        return Redirect("/kiosk")
    drawn = fresh(f"{settings.public_url}/q/{await queue.door_code(hall_id)}")
    return Raw(body=drawn, content_type="image/svg+xml", headers={"cache-control": "no-store"})


async def _known(request: Request, hall_id: UUID) -> bool:
    try:
        await queue.device_of(asking.cookie(request, asking.DEVICE_COOKIE), hall_id, DeviceKind.SCREEN)
    except NotFound:
        return False
    return True


async def _events(actor: Actor, hall_id: UUID, seen: str) -> AsyncIterator[Event]:
    async for board in queue.boards(actor, hall_id):
        version = str(board.version)
        if version == seen:
            yield Event(board.at.isoformat(), name="beat", id=version)
        else:
            yield Event(wire.encode(board).decode(), name="board", id=version)
        seen = version
