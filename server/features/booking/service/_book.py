"""Taking a place."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError

from server import db
from server.actor import Actor, Citizen
from server.errors import Conflict, Forbidden, NotFound
from server.features.booking import messages
from server.features.booking.models import LIVE, Booking, BookingPolicy, BookingState, Slot
from server.features.booking.schemas import BookIn, BookingOut
from server.features.booking.service._availability import served_in
from server.features.booking.service._slots import policy_of
from server.features.booking.service._view import Place, Told, screen, tell
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock

# The place is taken by this one statement; the CHECK on the row is the last line behind it.
TAKE = "UPDATE slot SET taken = taken + 1 WHERE id = $1 AND taken < capacity AND starts_at > $2 RETURNING id"
GIVE_BACK = "UPDATE slot SET taken = taken - 1 WHERE id = $1"


@db.transactional
async def book(actor: Citizen, wish: BookIn) -> BookingOut:
    """Take one place for oneself, a represented person or an enterprise. Nothing is written unless all of it is.

    Refuses: `booking.slot_gone`, `booking.past`, `booking.slot_full`, `booking.already_booked`,
    `booking.limit_reached`, `booking.not_bookable`, `booking.enterprise_only`.
    """
    if actor.person_id is None:
        raise Forbidden("identity.real_name_required")
    party = await identity.party(actor, person_id=wish.for_person_id, enterprise_id=wish.enterprise_id)
    place = await open_place(wish.slot_id, wish.item_id)
    if wish.enterprise_id is None and "person" not in place.guide.content.audience:
        raise Conflict("booking.enterprise_only")
    await within_limit(party.person_id, place.slot.day, place.policy)
    if wish.subscriptions is not None:
        await push.note_subscriptions(actor, wish.subscriptions)
    booking = await _write(actor, wish, party.person_id, place)
    if place.policy.confirmation == "auto":
        await settle(booking, "confirm", actor, place, code=await issue_code(booking, place.slot))
    # Last, so that the row everybody wants is locked for the shortest time.
    await take(place.slot.id)
    return await screen(booking, actor, place)


async def _write(actor: Citizen, wish: BookIn, person_id: UUID, place: Place) -> Booking:
    guide, slot = place.guide, place.slot
    opened = await thread.open(
        actor,
        person_id=person_id,
        enterprise_id=wish.enterprise_id,
        item_id=guide.item.id,
        title=guide.item.name,
        region_code=place.hall.region_code,
    )
    known = {material.key for material in guide.content.materials}
    booking = Booking(
        thread_id=opened.id,
        slot_id=slot.id,
        hall_id=slot.hall_id,
        item_id=guide.item.id,
        guide_id=guide.id,
        day=slot.day,
        person_id=person_id,
        enterprise_id=wish.enterprise_id,
        account_id=actor.account_id,
        state=BookingState.REQUESTED,
        ticked=[key for key in wish.ticked if key in known],
    )
    await add(booking)
    await thread.record(opened.id, "booking.requested", actor, booking_id=str(booking.id))
    await tell(booking, messages.BookingRequested, place)
    return booking


async def add(booking: Booking) -> None:
    """Write a new booking, or refuse with `booking.already_booked`: the database knows who has one that day."""
    try:
        await booking.save(force_create=True)
    except IntegrityError as clash:
        raise Conflict("booking.already_booked") from clash


async def open_place(slot_id: UUID, item_id: UUID) -> Place:
    """Find a place that can still be taken for an item, or refuse with the reason."""
    slot = await Slot.get_or_none(id=slot_id)
    if slot is None:
        raise NotFound("booking.slot_gone")
    if slot.starts_at <= clock.now():
        raise Conflict("booking.past")
    if slot.taken >= slot.capacity:
        raise Conflict("booking.slot_full")
    guide, hall = await served_in(item_id, slot.hall_id)
    if guide.content.skill != slot.skill:
        raise Conflict("booking.wrong_slot_for_item")
    return Place(slot, await policy_of(slot.hall_id), hall, guide)


async def within_limit(person_id: UUID, day: date, policy: BookingPolicy) -> None:
    """Refuse one more than the hall allows a person a day (`booking.limit_reached`)."""
    # One at a time for a person and day: whoever taps on two phones at once is counted twice, too.
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"booking:{person_id}:{day}")
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
    """Make the token in the check-in QR; it lasts through the day, since being late is no reason to be turned away."""
    midnight = datetime.combine(slot.day + timedelta(days=1), time(), clock.SHANGHAI)
    return await thread.issue_code("booking", booking.id, thread_id=booking.thread_id, expires=midnight)


_STEPS: dict[str, tuple[str, type[Told]]] = {
    "confirm": ("booking.confirmed", messages.BookingConfirmed),
    "decline": ("booking.declined", messages.BookingDeclined),
}


async def settle(booking: Booking, verb: str, actor: Actor, place: Place | None = None, **changes: object) -> None:
    """Move a booking to the hall's answer, write the step and tell the person."""
    await booking.move(verb, **changes)
    step, message = _STEPS[verb]
    await thread.record(booking.thread_id, step, actor, booking_id=str(booking.id))
    await tell(booking, message, place)
