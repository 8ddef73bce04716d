"""Booking over HTTP."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint

from server.actor import Actor, Citizen
from server.features.booking import service as booking
from server.features.booking.schemas import (
    AppealIn,
    AvailabilityOut,
    AvailabilityQuery,
    BookIn,
    BookingOut,
    BookingsQuery,
    RequestIn,
    RescheduleIn,
    StandingOut,
    TicksIn,
    WaitIn,
    WaitsOut,
)
from server.kit.paging import Page
from server.web import Claim, Encoded, access, route

blueprint = Blueprint("booking", url_prefix="/api/v1")


@route(blueprint, "GET", "/availability", access=access.public)
async def availability(query: AvailabilityQuery) -> Encoded[AvailabilityOut]:
    """Show the free places of a hall for an item."""
    return Encoded(await booking.availability_body(query))


@route(blueprint, "POST", "/bookings", access=access.verified, status=201, idempotent=True)
async def book(actor: Citizen, body: BookIn, claim: Claim) -> Encoded[BookingOut]:
    """Take a place."""
    stored = await booking.book(actor, body, claim)
    return Encoded(stored.body, replayed=stored.replayed)


@route(blueprint, "GET", "/bookings", access=access.citizen)
async def mine(actor: Citizen, query: BookingsQuery) -> Page[BookingOut]:
    """List my bookings."""
    return await booking.mine(actor, query)


@route(blueprint, "GET", "/bookings/<booking_id:uuid>", access=access.citizen)
async def get(actor: Actor, booking_id: UUID) -> BookingOut:
    """Show one booking."""
    return await booking.get(actor, booking_id)


@route(blueprint, "POST", "/bookings/<booking_id:uuid>/cancel", access=access.citizen, idempotent=True)
async def cancel(actor: Citizen, booking_id: UUID) -> BookingOut:
    """Give the place back."""
    return await booking.cancel(actor, booking_id)


@route(blueprint, "POST", "/bookings/<booking_id:uuid>/reschedule", access=access.citizen, idempotent=True)
async def reschedule(actor: Citizen, booking_id: UUID, body: RescheduleIn) -> BookingOut:
    """Move to another place."""
    return await booking.reschedule(actor, booking_id, body)


@route(blueprint, "POST", "/bookings/<booking_id:uuid>/request", access=access.verified, idempotent=True)
async def request(actor: Citizen, booking_id: UUID, body: RequestIn) -> BookingOut:
    """Take the place that is held for me."""
    return await booking.request(actor, booking_id, body)


@route(blueprint, "POST", "/bookings/<booking_id:uuid>/ticks", access=access.citizen, idempotent=True)
async def tick(actor: Citizen, booking_id: UUID, body: TicksIn) -> BookingOut:
    """Note which papers lie ready."""
    return await booking.tick(actor, booking_id, body)


@route(blueprint, "POST", "/bookings/<booking_id:uuid>/appeal", access=access.citizen, idempotent=True)
async def appeal(actor: Citizen, booking_id: UUID, body: AppealIn) -> BookingOut:
    """Say why I did not come."""
    return await booking.appeal(actor, booking_id, body)


@route(blueprint, "GET", "/waits", access=access.citizen)
async def waits(actor: Citizen) -> WaitsOut:
    """List the lines I stand in for a place."""
    return await booking.waits(actor)


@route(blueprint, "POST", "/waits", access=access.verified, status=201, idempotent=True)
async def wait(actor: Citizen, body: WaitIn) -> StandingOut:
    """Stand in line for a full day."""
    return await booking.wait(actor, body)


@route(blueprint, "POST", "/waits/<waiting_id:uuid>/leave", access=access.citizen, idempotent=True)
async def leave(actor: Citizen, waiting_id: UUID) -> WaitsOut:
    """Leave a line."""
    return await booking.leave(actor, waiting_id)
