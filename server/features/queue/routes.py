"""The queue over HTTP, as the phone sees it."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint

from server.actor import Citizen
from server.features.queue import service as queue
from server.features.queue.schemas import CheckInIn, TicketOut, TicketQuery
from server.web import access, route

blueprint = Blueprint("queue", url_prefix="/api/v1")


@route(blueprint, "POST", "/check-ins", access=access.verified, status=201, idempotent=True, limit="scan")
async def check_in(actor: Citizen, body: CheckInIn) -> TicketOut:
    """Check in by the hall's QR."""
    return await queue.check_in_by_hall(actor, body.token)


@route(blueprint, "GET", "/tickets/<ticket_id:uuid>", access=access.citizen)
async def ticket(actor: Citizen, ticket_id: UUID, query: TicketQuery) -> TicketOut:
    """Show my ticket, at once or when it changes."""
    return await queue.watch(actor, ticket_id, query.version, query.wait)
