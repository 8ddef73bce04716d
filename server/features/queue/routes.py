"""The queue over HTTP, as phones and the hall's screen see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sanic import Blueprint, Sanic

from server import db
from server.actor import Actor, Citizen
from server.db.promises import Stored
from server.features.queue import service as queue
from server.features.queue.schemas import ArrivalOut, BoardOut, CheckInIn, TicketOut, TicketQuery, WalkInIn
from server.kit import wire
from server.web import Claim, Encoded, access, idempotency, route

blueprint = Blueprint("queue", url_prefix="/api/v1")


async def on_start(app: Sanic[Any, Any]) -> None:
    """Tell and hear of changes the way this installation does."""
    queue.go_live(app.ctx.ports.live)


@route(blueprint, "GET", "/arrivals/<token:str>", access=access.anyone, limit="scan")
async def arrival(actor: Actor, token: str) -> ArrivalOut:
    """Show what the hall's QR opens."""
    return await queue.arrival(actor, token)


@route(blueprint, "POST", "/check-ins", access=access.verified, status=201, idempotent=True, limit="scan")
async def check_in(actor: Citizen, body: CheckInIn, claim: Claim) -> Encoded[TicketOut]:
    """Check in by the hall's QR."""
    return await _in_turn(
        body.token, claim, lambda: queue.check_in_by_hall(actor, body.token, body.subscriptions, body.green)
    )


@route(blueprint, "POST", "/walk-ins", access=access.verified, status=201, idempotent=True, limit="scan")
async def walk_in(actor: Citizen, body: WalkInIn, claim: Claim) -> Encoded[TicketOut]:
    """Take a number without a booking, by the hall's QR."""
    return await _in_turn(body.token, claim, lambda: queue.walk_in(actor, body))


async def _in_turn(door: str, claim: Claim, deed: Callable[[], Awaitable[TicketOut]]) -> Encoded[TicketOut]:
    """Do a deed once, as every keyed one is done, but begin its transaction only when it is its turn at the door."""
    async with queue.turn(door), db.tx():
        answer = await idempotency.begin(claim)
        if answer is None:
            answer = Stored(201, wire.encode(await deed()))
            await idempotency.finish(claim, answer)
    return Encoded(answer.body, replayed=answer.replayed)


@route(blueprint, "GET", "/tickets/<ticket_id:uuid>", access=access.citizen)
async def ticket(actor: Citizen, ticket_id: UUID, query: TicketQuery) -> TicketOut:
    """Show my ticket, at once or when it changes."""
    return await queue.watch(actor, ticket_id, query.version, query.wait)


@route(blueprint, "POST", "/tickets/<ticket_id:uuid>/leave", access=access.citizen, idempotent=True)
async def leave(actor: Citizen, ticket_id: UUID) -> TicketOut:
    """Give my number back."""
    return await queue.give_back(actor, ticket_id)


@route(blueprint, "GET", "/places/<token:str>", access=access.public)
async def place(actor: Actor, token: str, query: TicketQuery) -> TicketOut:
    """Show the place in line behind a printed QR, at once or when it changes."""
    return await queue.watch_by_code(actor, token, query.version, query.wait)


@route(blueprint, "GET", "/halls/<hall_id:uuid>/board", access=access.public)
async def board(actor: Actor, hall_id: UUID, query: TicketQuery) -> BoardOut:
    """Show the hall's screen, at once or when it changes: for where a stream does not get through."""
    return await queue.board(actor, hall_id, query.version, query.wait)
