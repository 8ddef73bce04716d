"""The first screen: what people come for, and what is going on for them."""

from __future__ import annotations

from msgspec import Struct
from sanic import Blueprint

from server.actor import Actor, Citizen
from server.features.booking import service as booking
from server.features.booking.service import BookingOut
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import HallView, ItemCard, SearchQuery, ThemeOut
from server.features.push import service as push
from server.features.thread import service as thread
from server.features.thread.service import ThreadOut, ThreadsQuery
from server.web import access, route

blueprint = Blueprint("phone_home", url_prefix="/api/v1")

HOT_ITEMS = 10
OPEN_THREADS = 5


class HomeOut(Struct, kw_only=True):
    """Anybody sees the services; `threads`, `next_booking` and `unread` are empty until somebody logs in."""

    hot: list[ItemCard]
    themes: list[ThemeOut]
    halls: list[HallView]
    threads: list[ThreadOut]
    next_booking: BookingOut | None
    unread: int


@route(blueprint, "GET", "/home", access=access.anyone)
async def home(actor: Actor) -> HomeOut:
    """Show the first screen."""
    hot = await catalogue.search(SearchQuery(limit=HOT_ITEMS))
    halls = [hall for hall in await catalogue.halls() if hall.kind == "hall"]
    themes = await catalogue.themes(actor.locale)
    mine = await _mine(actor) if isinstance(actor, Citizen) else ([], None, 0)
    return HomeOut(hot=hot.items, themes=themes, halls=halls, threads=mine[0], next_booking=mine[1], unread=mine[2])


async def _mine(actor: Citizen) -> tuple[list[ThreadOut], BookingOut | None, int]:
    threads = await thread.mine(actor, ThreadsQuery(state=thread.ThreadState.OPEN, limit=OPEN_THREADS))
    return threads.items, await booking.coming(actor), (await push.unread(actor)).count
