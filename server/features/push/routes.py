"""The inbox and the subscriptions over HTTP."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint

from server.actor import Citizen
from server.features.push import service as push
from server.features.push.schemas import InboxOut, MessageOut, Subscriptions, TopicsOut, UnreadOut, Wanted
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


@route(blueprint, "GET", "/inbox/<message_id:uuid>", access=access.citizen)
async def message(actor: Citizen, message_id: UUID) -> MessageOut:
    """Show one message and how it reached me."""
    return await push.message(actor, message_id)


@route(blueprint, "DELETE", "/inbox/<message_id:uuid>", access=access.citizen)
async def delete(actor: Citizen, message_id: UUID) -> None:
    """Take one message out of my inbox."""
    await push.delete(actor, message_id)


@route(blueprint, "POST", "/inbox/<message_id:uuid>/restore", access=access.citizen)
async def restore(actor: Citizen, message_id: UUID) -> None:
    """Put back what I have just deleted."""
    await push.restore(actor, message_id)


@route(blueprint, "GET", "/subscriptions", access=access.citizen)
async def topics(actor: Citizen) -> TopicsOut:
    """Show what there is to be told, and what I want of it."""
    return await push.topics(actor)


@route(blueprint, "PUT", "/subscriptions/<topic>", access=access.citizen)
async def want(actor: Citizen, topic: str, body: Wanted) -> TopicsOut:
    """Choose by which ways I am told of one thing; the last choice holds."""
    return await push.want(actor, topic, body)


@route(blueprint, "POST", "/subscriptions", access=access.citizen, idempotent=True)
async def report_popup(actor: Citizen, body: Subscriptions) -> None:
    """Report one popup. It counts once: by the key and, however the phone came to send it again, by its nonce."""
    await push.report_popup(actor, body)
