"""The hall's side: who comes today, and the answer each wish gets."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import NotFound
from server.features.audit import service as audit
from server.features.booking import messages
from server.features.booking.models import Booking, Slot
from server.features.booking.schemas import DeskBooking, ItemRef
from server.features.booking.service._book import give_back, issue_code, settle
from server.features.booking.service._view import tell
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import masking
from server.kit.texts import text

DESK = (Role.CLERK, Role.HALL_MANAGER)


async def day(actor: Staff, hall_id: UUID, on: date) -> list[DeskBooking]:
    """List whom a hall expects on a date, in the order they come. The look at the names is on record."""
    bookings = await Booking.in_halls(await _halls(actor)).filter(hall_id=hall_id, day=on)
    slots = {slot.id: slot for slot in await Slot.filter(id__in=[booking.slot_id for booking in bookings])}
    people = await identity.people([booking.person_id for booking in bookings])
    items = await catalogue.items([booking.item_id for booking in bookings])
    threads = await thread.many([booking.thread_id for booking in bookings])
    async with db.tx():
        await audit.record(actor, "booking.day_viewed", "hall", hall_id, day=on.isoformat(), count=len(bookings))
    rows = [
        DeskBooking(
            id=booking.id,
            thread_id=booking.thread_id,
            number=threads[booking.thread_id].number,
            hall_id=booking.hall_id,
            item=ItemRef(id=booking.item_id, name=items[booking.item_id].name),
            person=masking.name(people[booking.person_id].name),
            phone=_phone(people[booking.person_id]),
            starts_at=slots[booking.slot_id].starts_at,
            ends_at=slots[booking.slot_id].ends_at,
            state=booking.state.value,
            state_text=text(actor.locale, f"booking.state.{booking.state.value}"),
            ticked=booking.ticked,
        )
        for booking in bookings
    ]
    return sorted(rows, key=lambda row: (row.starts_at, row.number))


def _phone(person: identity.PersonView) -> str | None:
    return masking.phone(person.phone) if person.phone else None


@db.transactional
async def confirm(actor: Staff, booking_ids: list[UUID]) -> None:
    """Say yes to one or many; each gets the QR for checking in. One that has moved on refuses them all."""
    for booking_id in booking_ids:
        booking = await _at_desk(actor, booking_id)
        slot = await Slot.get(id=booking.slot_id)
        await settle(booking, "confirm", actor, code=await issue_code(booking, slot))
        await _on_record(actor, "booking.confirmed", booking)


@db.transactional
async def decline(actor: Staff, booking_id: UUID, reason: str) -> None:
    """Say no with the reason the person will read; the place is free again."""
    booking = await _at_desk(actor, booking_id)
    await settle(booking, "decline", actor, declined_reason=reason)
    await give_back(booking.slot_id)
    await _on_record(actor, "booking.declined", booking)


@db.transactional
async def miss(actor: Staff, booking_id: UUID) -> None:
    """Note that the person did not come."""
    booking = await _at_desk(actor, booking_id)
    await booking.move("miss")
    if booking.code:
        await thread.revoke_code(booking.code)
    await thread.record(booking.thread_id, "booking.no_show", actor, booking_id=str(booking.id))
    await tell(booking, messages.BookingMissed)
    await _on_record(actor, "booking.no_show", booking)


async def _at_desk(actor: Staff, booking_id: UUID) -> Booking:
    booking = await Booking.in_halls(await _halls(actor)).get_or_none(id=booking_id)
    if booking is None:
        raise NotFound
    return booking


async def _halls(actor: Staff) -> tuple[UUID, ...] | None:
    return await catalogue.halls_within(await identity.reach(actor, *DESK))


async def _on_record(actor: Staff, action: str, booking: Booking) -> None:
    await audit.record(actor, action, "booking", booking.id, person_id=booking.person_id, thread_id=booking.thread_id)
