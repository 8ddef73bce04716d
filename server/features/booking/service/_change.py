"""Giving a place back, and moving to another."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Citizen
from server.errors import Conflict
from server.features.booking import messages
from server.features.booking.models import MOVES, Booking, BookingState, Slot, cancel_until
from server.features.booking.schemas import BookingOut, RescheduleIn, TicksIn
from server.features.booking.service._book import (
    add,
    give_back,
    issue_code,
    open_place,
    settle,
    take,
    wind_up,
    within_limit,
)
from server.features.booking.service._hold import CARRIED, withdraw
from server.features.booking.service._slots import policy_of
from server.features.booking.service._view import booking_for, place_of, screen, tell
from server.features.booking.service._waitlist import free, pass_on
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import is_walked, new_id


@db.transactional
async def cancel(actor: Citizen, booking_id: UUID) -> BookingOut:
    """Give the place back until the hall's cut-off. Refuses: `booking.cut_off`, `booking.wrong_state`."""
    booking = await booking_for(actor, booking_id)
    if booking.state is BookingState.HELD:
        await withdraw(actor, booking)
        return await screen(booking, actor)
    await _movable(booking)
    await booking.move("cancel")
    await free(booking.slot_id)
    await wind_up(booking)
    await thread.record(booking.thread_id, "booking.cancelled", actor, booking_id=str(booking.id))
    await tell(booking, messages.BookingCancelled)
    return await screen(booking, actor)


@db.transactional
async def reschedule(actor: Citizen, booking_id: UUID, wish: RescheduleIn) -> BookingOut:
    """Move to another place in one piece: the new one is taken and the old one freed, or nothing happens.

    Refuses as `book` and `cancel` do. The place one already has is no move.
    """
    old = await booking_for(actor, booking_id)
    if wish.slot_id == old.slot_id and old.state in MOVES["cancel"][0]:
        return await screen(old, actor)
    await _movable(old)
    place = await open_place(wish.slot_id, old.item_id)
    slot = place.slot
    await old.move("cancel")
    await wind_up(old)
    await within_limit(old.person_id, old.item_id, slot.day, place.policy)
    booking = Booking(
        **{name: getattr(old, name) for name in CARRIED},
        id=new_id(),
        slot_id=slot.id,
        hall_id=slot.hall_id,
        day=slot.day,
        state=BookingState.REQUESTED,
    )
    await add(booking)
    # In the order of their ids, so that two who change places with each other do not wait for one another.
    for slot_id in sorted((old.slot_id, slot.id)):
        await (take(slot_id) if slot_id == slot.id else give_back(slot_id))
    await pass_on(old.slot_id)
    await thread.record(booking.thread_id, "booking.rescheduled", actor, booking_id=str(booking.id))
    if place.policy.confirmation == "auto":
        await settle(booking, "confirm", actor, code=await issue_code(booking, slot))
    else:
        await tell(booking, messages.BookingRequested)
    return await screen(booking, actor)


@db.transactional
async def tick(actor: Citizen, booking_id: UUID, given: TicksIn) -> BookingOut:
    """Note what lies ready to be brought. Refuses: `booking.wrong_state` once the visit has begun or ended."""
    booking = await booking_for(actor, booking_id)
    place = await place_of(booking)
    known = {material.key for material in place.guide.content.materials}
    booking.ticked = [key for key in given.ticked if key in known]
    still = (BookingState.HELD, BookingState.REQUESTED, BookingState.CONFIRMED)
    if not await Booking.filter(id=booking.id, state__in=still).update(ticked=booking.ticked):
        raise Conflict("booking.wrong_state")
    return await screen(booking, actor, place)


async def _movable(booking: Booking) -> None:
    if booking.state not in MOVES["cancel"][0]:
        raise Conflict("booking.wrong_state")
    slot = await Slot.get(id=booking.slot_id)
    policy = await policy_of(booking.hall_id)
    # What a test person holds is given back whenever the walk ends: late is better than never, and nobody is to blame.
    if clock.now() >= cancel_until(slot, policy) and not is_walked(booking.person_id):
        raise Conflict("booking.cut_off", minutes=policy.cancel_minutes)
