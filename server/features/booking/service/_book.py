"""Taking, moving and giving back a place."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from asyncpg import UniqueViolationError
from tortoise.exceptions import IntegrityError

from server import db
from server.actor import Actor, Citizen
from server.errors import Conflict, Forbidden, NotFound
from server.features.booking import messages
from server.features.booking.models import LIVE, Booking, BookingPolicy, BookingState, Slot, cancel_until
from server.features.booking.schemas import BookIn, BookingOut, RescheduleIn
from server.features.booking.service._availability import skill_of
from server.features.booking.service._slots import policy_of
from server.features.booking.service._view import Told, booking_for, screen, tell
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import new_id

# The place is taken by this one statement; the CHECK on the row is the last line behind it.
TAKE = "UPDATE slot SET taken = taken + 1 WHERE id = $1 AND taken < capacity AND starts_at > $2 RETURNING id"
GIVE_BACK = "UPDATE slot SET taken = taken - 1 WHERE id = $1"


@db.transactional
async def book(actor: Citizen, wish: BookIn) -> BookingOut:
    """Take one place for oneself, a represented person or an enterprise. Nothing is written unless all of it is.

    Refuses: `booking.slot_gone`, `booking.past`, `booking.slot_full`, `booking.already_booked`,
    `booking.limit_reached`, `booking.not_bookable`.
    """
    if actor.person_id is None:
        raise Forbidden("identity.real_name_required")
    party = await identity.party(actor, person_id=wish.for_person_id, enterprise_id=wish.enterprise_id)
    slot = await _open_slot(wish.slot_id)
    if await skill_of(wish.item_id, slot.hall_id) != slot.skill:
        raise Conflict("booking.wrong_slot_for_item")
    policy = await policy_of(slot.hall_id)
    await _within_limit(party.person_id, slot.day, policy)
    if wish.subscriptions is not None:
        await push.note_subscriptions(actor, wish.subscriptions)
    booking = await _write(actor, wish, party.person_id, slot)
    if policy.confirmation == "auto":
        await settle(booking, "confirm", actor, code=await issue_code(booking, slot))
    # Last, so that the row everybody wants is locked for the shortest time.
    await take(slot.id)
    return await screen(booking, actor)


async def _write(actor: Citizen, wish: BookIn, person_id: UUID, slot: Slot) -> Booking:
    guide = await catalogue.current_guide(wish.item_id)
    item = await catalogue.item(wish.item_id)
    hall = await catalogue.hall(slot.hall_id)
    opened = await thread.open(
        actor,
        person_id=person_id,
        enterprise_id=wish.enterprise_id,
        item_id=item.id,
        title=item.name,
        region_code=hall.region_code,
    )
    known = {material.key for material in guide.content.materials}
    booking = Booking(
        thread_id=opened.id,
        slot_id=slot.id,
        hall_id=slot.hall_id,
        item_id=item.id,
        guide_id=guide.id,
        day=slot.day,
        person_id=person_id,
        enterprise_id=wish.enterprise_id,
        account_id=actor.account_id,
        state=BookingState.REQUESTED,
        ticked=[key for key in wish.ticked if key in known],
    )
    try:
        await booking.save(force_create=True)
    except (IntegrityError, UniqueViolationError) as clash:
        raise Conflict("booking.already_booked") from clash
    await thread.record(opened.id, "booking.requested", actor, booking_id=str(booking.id))
    await tell(booking, messages.BookingRequested)
    return booking


async def _open_slot(slot_id: UUID) -> Slot:
    slot = await Slot.get_or_none(id=slot_id)
    if slot is None:
        raise NotFound("booking.slot_gone")
    if slot.starts_at <= clock.now():
        raise Conflict("booking.past")
    if slot.taken >= slot.capacity:
        raise Conflict("booking.slot_full")
    return slot


async def _within_limit(person_id: UUID, day: date, policy: BookingPolicy) -> None:
    # Two requests of one person that race here may both pass; the same item cannot (unique index), so the
    # slack is one booking for another item of the same day.
    if await Booking.filter(person_id=person_id, day=day, state__in=LIVE).count() >= policy.per_person_day:
        raise Conflict("booking.limit_reached", limit=policy.per_person_day)


async def take(slot_id: UUID) -> None:
    """Take one place by the conditional statement, or refuse with `booking.slot_full`."""
    if await db.fetchval(TAKE, slot_id, clock.now()) is None:
        raise Conflict("booking.slot_full")


async def give_back(slot_id: UUID) -> None:
    """Free the place of a booking that has ended early."""
    await db.execute(GIVE_BACK, slot_id)


async def issue_code(booking: Booking, slot: Slot) -> str:
    """Make the token in the check-in QR; it ends with the day of the booking."""
    return await thread.issue_code("booking", booking.id, thread_id=booking.thread_id, expires=slot.ends_at)


@db.transactional
async def cancel(actor: Citizen, booking_id: UUID) -> BookingOut:
    """Give the place back until the hall's cut-off. Refuses: `booking.cut_off`, `booking.wrong_state`."""
    booking = await booking_for(actor, booking_id)
    await _movable(booking)
    await booking.move("cancel")
    await give_back(booking.slot_id)
    if booking.code:
        await thread.revoke_code(booking.code)
    await thread.record(booking.thread_id, "booking.cancelled", actor, booking_id=str(booking.id))
    await tell(booking, messages.BookingCancelled)
    return await screen(booking, actor)


@db.transactional
async def reschedule(actor: Citizen, booking_id: UUID, wish: RescheduleIn) -> BookingOut:
    """Move to another place in one piece: the new one is taken, then the old one freed, or nothing happens."""
    old = await booking_for(actor, booking_id)
    await _movable(old)
    slot = await _open_slot(wish.slot_id)
    if await skill_of(old.item_id, slot.hall_id) != slot.skill:
        raise Conflict("booking.wrong_slot_for_item")
    policy = await policy_of(slot.hall_id)
    await old.move("cancel")
    await give_back(old.slot_id)
    if old.code:
        await thread.revoke_code(old.code)
    booking = Booking(
        **{name: getattr(old, name) for name in _CARRIED},
        id=new_id(),
        slot_id=slot.id,
        hall_id=slot.hall_id,
        day=slot.day,
        state=BookingState.REQUESTED,
    )
    try:
        await booking.save(force_create=True)
    except (IntegrityError, UniqueViolationError) as clash:
        raise Conflict("booking.already_booked") from clash
    await take(slot.id)
    await thread.record(booking.thread_id, "booking.rescheduled", actor, booking_id=str(booking.id))
    if policy.confirmation == "auto":
        await settle(booking, "confirm", actor, code=await issue_code(booking, slot))
    else:
        await tell(booking, messages.BookingRequested)
    return await screen(booking, actor)


_CARRIED = ("thread_id", "item_id", "guide_id", "person_id", "enterprise_id", "account_id", "ticked")


async def _movable(booking: Booking) -> None:
    slot = await Slot.get(id=booking.slot_id)
    policy = await policy_of(booking.hall_id)
    if clock.now() >= cancel_until(slot, policy):
        raise Conflict("booking.cut_off", minutes=policy.cancel_minutes)


_STEPS: dict[str, tuple[str, type[Told]]] = {
    "confirm": ("booking.confirmed", messages.BookingConfirmed),
    "decline": ("booking.declined", messages.BookingDeclined),
}


async def settle(booking: Booking, verb: str, actor: Actor, **changes: object) -> None:
    """Move a booking to the hall's answer, write the step and tell the person."""
    await booking.move(verb, **changes)
    step, message = _STEPS[verb]
    await thread.record(booking.thread_id, step, actor, booking_id=str(booking.id))
    await tell(booking, message)
