"""Booking over HTTP."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint

from server.actor import Actor, Citizen
from server.features.booking import service as booking
from server.features.booking.schemas import (
    AvailabilityOut,
    AvailabilityQuery,
    BookIn,
    BookingOut,
    BookingsQuery,
    RescheduleIn,
)
from server.kit.paging import Page
from server.web import Encoded, access, route

blueprint = Blueprint("booking", url_prefix="/api/v1")


@route(blueprint, "GET", "/availability", access=access.public)
async def availability(query: AvailabilityQuery) -> Encoded[AvailabilityOut]:
    """Show the free places of a hall for an item."""
    return Encoded(await booking.availability_body(query))


@route(blueprint, "POST", "/bookings", access=access.verified, status=201, idempotent=True)
async def book(actor: Citizen, body: BookIn) -> BookingOut:
    """Take a place."""
    return await booking.book(actor, body)


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
