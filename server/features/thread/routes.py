"""Threads over HTTP."""

from __future__ import annotations

from sanic import Blueprint

from server.actor import Citizen
from server.features.thread import service as thread
from server.features.thread.schemas import ThreadOut, ThreadsQuery
from server.kit.paging import Page
from server.web import access, route

blueprint = Blueprint("thread", url_prefix="/api/v1")


@route(blueprint, "GET", "/threads", access=access.citizen)
async def mine(actor: Citizen, query: ThreadsQuery) -> Page[ThreadOut]:
    """List my matters."""
    return await thread.mine(actor, query)
