"""The inbox and the subscriptions over HTTP."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint

from server.actor import Citizen
from server.features.push import service as push
from server.features.push.schemas import InboxOut, Subscriptions, UnreadOut
from server.kit.paging import Page, PageQuery
from server.web import access, route

blueprint = Blueprint("push", url_prefix="/api/v1")


@route(blueprint, "GET", "/inbox", access=access.citizen)
async def inbox(actor: Citizen, query: PageQuery) -> Page[InboxOut]:
    """List my messages."""
    return await push.inbox(actor, query)


@route(blueprint, "GET", "/inbox/unread", access=access.citizen)
async def unread(actor: Citizen) -> UnreadOut:
    """Count what I have not opened."""
    return await push.unread(actor)


@route(blueprint, "POST", "/inbox/<message_id:uuid>/read", access=access.citizen)
async def read(actor: Citizen, message_id: UUID) -> None:
    """Open one message; opening it again changes nothing, so it needs no key."""
    await push.mark_read(actor, message_id)


@route(blueprint, "POST", "/inbox/read-all", access=access.citizen)
async def read_all(actor: Citizen) -> None:
    """Mark all as seen."""
    await push.mark_all_read(actor)


@route(blueprint, "POST", "/subscriptions", access=access.citizen)
async def note_subscriptions(actor: Citizen, body: Subscriptions) -> None:
    """Report one popup; its nonce makes it count once."""
    await push.note_subscriptions(actor, body)
