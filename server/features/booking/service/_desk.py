"""The hall's side: who comes today, and the answer each wish gets."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.booking import messages
from server.features.booking.models import MOVES, Booking, Slot
from server.features.booking.schemas import DeskBooking, ItemRef
from server.features.booking.service._book import give_back, issue_code, settle
from server.features.booking.service._view import tell
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.texts import text

DESK = (Role.CLERK, Role.HALL_MANAGER)


async def day(actor: Staff, hall_id: UUID, on: date) -> list[DeskBooking]:
    """List whom a hall expects on a date, in the order they come. The look at the list is on record."""
    bookings = await Booking.in_halls(await _halls(actor)).filter(hall_id=hall_id, day=on)
    slots = {slot.id: slot for slot in await Slot.filter(id__in=[booking.slot_id for booking in bookings])}
    people = await identity.people([booking.person_id for booking in bookings])
    items = await catalogue.items([booking.item_id for booking in bookings])
    threads = await thread.many([booking.thread_id for booking in bookings])
    async with db.tx():
        await audit.record(actor, "booking.day_listed", "hall", hall_id, day=on.isoformat(), count=len(bookings))
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
            can=_can(booking, slots[booking.slot_id]),
        )
        for booking in bookings
    ]
    return sorted(rows, key=lambda row: (row.starts_at, row.number))


def _phone(person: identity.PersonView) -> str | None:
    return masking.phone(person.phone) if person.phone else None


def _can(booking: Booking, slot: Slot) -> list[str]:
    over = clock.now() >= slot.ends_at
    can = []
    if booking.state in MOVES["confirm"][0]:
        can += ["decline"] if over else ["confirm", "decline"]
    if booking.state in MOVES["check_in"][0] and booking.day == clock.today():
        can.append("check_in")
    if booking.state in MOVES["miss"][0] and over:
        can.append("miss")
    return can


@db.transactional
async def confirm(actor: Staff, booking_ids: list[UUID]) -> int:
    """Say yes to one or many, and count them; each gets the QR for checking in.

    Of many, those that have moved on meanwhile are passed over. Refuses, when none is left: `booking.over` (their
    time has passed), `booking.wrong_state`.
    """
    confirmed = 0
    refused: Conflict | None = None
    # In one order, so that two clerks who confirm the same list do not wait for one another.
    for booking_id in sorted(set(booking_ids)):
        booking = await _at_desk(actor, booking_id)
        slot = await Slot.get(id=booking.slot_id)
        try:
            await _confirm(actor, booking, slot)
        except Conflict as moved_on:
            refused = moved_on
        else:
            confirmed += 1
    if refused is not None and not confirmed:
        raise refused
    return confirmed


async def _confirm(actor: Staff, booking: Booking, slot: Slot) -> None:
    if booking.state in MOVES["confirm"][0] and clock.now() >= slot.ends_at:
        raise Conflict("booking.over")
    async with db.savepoint():
        await settle(booking, "confirm", actor, code=await issue_code(booking, slot))
    await _on_record(actor, "booking.confirmed", booking)


@db.transactional
async def decline(actor: Staff, booking_id: UUID, reason: str) -> None:
    """Say no with the reason the person will read; the place is free again. Refuses `booking.reason_missing`."""
    why = reason.strip()
    if not why:
        raise InvalidInput("booking.reason_missing")
    booking = await _at_desk(actor, booking_id)
    booking.declined_reason = why
    await settle(booking, "decline", actor, declined_reason_sealed=booking.declined_reason_sealed)
    await give_back(booking.slot_id)
    await _on_record(actor, "booking.declined", booking)


@db.transactional
async def miss(actor: Staff, booking_id: UUID) -> None:
    """Note that the person did not come; not before their time is over (`booking.too_early`)."""
    booking = await _at_desk(actor, booking_id)
    slot = await Slot.get(id=booking.slot_id)
    if booking.state in MOVES["miss"][0] and clock.now() < slot.ends_at:
        raise Conflict("booking.too_early")
    await booking.move("miss")
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
