"""A place kept for somebody until a moment: held while they choose, offered by the hall, or next in line."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Actor, Citizen, System
from server.errors import Conflict, Gone
from server.features.booking import messages
from server.features.booking.models import Booking, BookingState, Slot, Waiting, WaitState
from server.features.booking.schemas import BookingOut, RequestIn
from server.features.booking.service._book import issue_code, take, within_limit
from server.features.booking.service._view import Place, booking_for, cause_of, place_of, screen, tell
from server.features.booking.service._waitlist import free
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import new_id

AT_ONCE = 200
TAKEN = (BookingState.REQUESTED, BookingState.CONFIRMED, BookingState.CHECKED_IN, BookingState.SERVED)
# What stays the same when a booking moves to another place.
CARRIED = ("thread_id", "item_id", "guide_id", "person_id", "enterprise_id", "account_id", "ticked")


@db.transactional
async def request(actor: Citizen, booking_id: UUID, given: RequestIn) -> BookingOut:
    """Take what is held. What the hall itself offered is confirmed at once.

    Refuses: `booking.hold_ended`, `booking.closed` when the hall has shut meanwhile.
    """
    booking = await booking_for(actor, booking_id)
    if given.subscriptions is not None:
        await push.note_subscriptions(actor, given.subscriptions)
    if booking.state in TAKEN:
        return await screen(booking, actor)  # taken before: the second tap sees what the first did
    place = await place_of(booking)
    ended = booking.hold_until is None or booking.hold_until <= clock.now()
    if booking.state is not BookingState.HELD or ended or place.slot.starts_at <= clock.now():
        raise Gone("booking.hold_ended")
    if place.slot.closed:
        raise Conflict("booking.closed")
    if given.ticked is not None:
        known = {material.key for material in place.guide.content.materials}
        booking.ticked = [key for key in given.ticked if key in known]
    if place.policy.confirmation == "auto" or booking.offer == "hall":
        code = await issue_code(booking, place.slot)
        await booking.move("accept", code=code, ticked=booking.ticked)
        await _said(booking, "booking.confirmed", actor, messages.BookingConfirmed, place)
    else:
        await booking.move("ask", ticked=booking.ticked)
        await _said(booking, "booking.requested", actor, messages.BookingRequested, place)
    await push.cancel(cause_of(booking.id))
    # After the booking, as whoever ends a hold does: two who meet there wait in one order.
    await Waiting.filter(booking_id=booking.id, state=WaitState.OFFERED).update(state=WaitState.TAKEN)
    return await screen(booking, actor, place)


async def _said(
    booking: Booking,
    step: str,
    actor: Actor,
    message: type[messages.BookingConfirmed | messages.BookingRequested],
    place: Place,
) -> None:
    await thread.record(booking.thread_id, step, actor, booking_id=str(booking.id))
    await tell(booking, message, place)


async def offer(old: Booking, slot: Slot, *, minutes: int, by: str) -> Booking:
    """Keep a place of `slot` for whom `old` was for; in the caller's transaction. Refuses as `book` does.

    `old` has ended already, or its own limits would stand against the offer.
    """
    held = Booking(
        **{name: getattr(old, name) for name in CARRIED},
        id=new_id(),
        slot_id=slot.id,
        hall_id=slot.hall_id,
        day=slot.day,
        state=BookingState.HELD,
        hold_until=min(clock.now() + timedelta(minutes=minutes), slot.starts_at),
        offer=by,
    )
    place = await place_of(held, slot)
    await within_limit(held.person_id, held.item_id, slot.day, place.policy)
    await take(slot.id)
    await held.save(force_create=True)
    await thread.record(held.thread_id, "booking.held", System(name="booking.offer"), booking_id=str(held.id))
    await push.send(
        messages.BookingOffered(
            booking_id=str(held.id),
            item=place.guide.item.name,
            hall=place.hall.name,
            starts_at=slot.starts_at,
            until=held.hold_until or slot.starts_at,
        ),
        to=push.To(person_id=held.person_id),
        thread_id=held.thread_id,
        dedupe=f"booking.offered:{held.id}",
        cause=cause_of(held.id),
    )
    return held


async def release_ended() -> int:
    """End the holds whose time is over; their places go to whoever is next."""
    rows = Booking.filter(state=BookingState.HELD, hold_until__lte=clock.now())
    found = await rows.order_by("hold_until", "id").limit(AT_ONCE)
    ended = 0
    for booking in found:
        ended += await _release(booking)
    return ended


async def _release(booking: Booking) -> bool:
    try:
        async with db.tx():
            await booking.move("release")
            await push.cancel(cause_of(booking.id))
            await thread.record(
                booking.thread_id, "booking.released", System(name="booking.hold"), booking_id=str(booking.id)
            )
            await Waiting.filter(booking_id=booking.id, state=WaitState.OFFERED).update(state=WaitState.LAPSED)
            await free(booking.slot_id)
    except Conflict:
        return False  # taken or given back meanwhile
    return True


async def withdraw(actor: Actor, booking: Booking) -> None:
    """Give a held place back, in the caller's transaction: nothing was promised yet, so nothing is said."""
    await booking.move("withdraw")
    await push.cancel(cause_of(booking.id))
    await thread.record(booking.thread_id, "booking.released", actor, booking_id=str(booking.id))
    await Waiting.filter(booking_id=booking.id, state=WaitState.OFFERED).update(state=WaitState.LEFT)
    await free(booking.slot_id)
