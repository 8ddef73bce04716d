"""Taking a place."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from tortoise.exceptions import IntegrityError

from server import db
from server.actor import Actor, Citizen
from server.db.promises import Claim, Stored
from server.errors import Conflict, Forbidden, NotFound
from server.features.booking import messages
from server.features.booking.models import LIVE, Booking, BookingPolicy, BookingState, Slot
from server.features.booking.schemas import BookIn
from server.features.booking.service._availability import served_in
from server.features.booking.service._batch import batcher, code_lasts
from server.features.booking.service._facts import Wish, within_limits
from server.features.booking.service._slots import policy_of
from server.features.booking.service._view import STANDS, Place, Told, cause_of, event_of, tell
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock

# The place is taken by this one statement; the CHECK on the row is the last line behind it.
TAKE = """
    UPDATE slot SET taken = taken + 1 WHERE id = $1 AND taken < capacity AND starts_at > $2 AND NOT closed RETURNING id
"""
COUNT_AGAIN = """
    INSERT INTO booker (person_id, created_at, version) VALUES ($1, $2, 1)
    ON CONFLICT (person_id) DO UPDATE SET version = booker.version + 1
"""
GIVE_BACK = "UPDATE slot SET taken = taken - 1 WHERE id = $1"


async def book(actor: Citizen, wish: BookIn, claim: Claim) -> Stored:
    """Take one place for oneself, a represented person or an enterprise. Nothing is written unless all of it is.

    The one use case that shares its transaction: `_batch` says how, docs/decisions why.
    Refuses: `booking.slot_gone`, `booking.closed`, `booking.past`, `booking.slot_full`, `booking.already_booked`,
    `booking.item_limit`, `booking.limit_reached`, `booking.limit_in_all`, `booking.blocked`, `booking.not_bookable`,
    `booking.enterprise_only`, `booking.person_only`, `booking.busy`.
    """
    if actor.person_id is None:
        raise Forbidden("identity.real_name_required")
    person_id, enterprise = actor.person_id, None
    if wish.for_person_id is not None or wish.enterprise_id is not None:
        party = await identity.party(
            actor, person_id=wish.for_person_id, enterprise_id=wish.enterprise_id, scope=identity.Scope.VISITS
        )
        person_id = party.person_id
    if wish.enterprise_id is not None:
        enterprise = (await identity.enterprise_names([wish.enterprise_id]))[wish.enterprise_id]
    if wish.subscriptions is not None:
        # WeChat has counted the acceptance already, whatever becomes of the place.
        await push.note_subscriptions(actor, wish.subscriptions)
    return await batcher.ask(
        Wish(
            actor,
            claim,
            person_id,
            wish.enterprise_id,
            wish.item_id,
            wish.slot_id,
            tuple(wish.ticked),
            hold=wish.hold,
            enterprise=enterprise,
        )
    )


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
    if slot.closed:
        raise Conflict("booking.closed")
    if slot.starts_at <= clock.now():
        raise Conflict("booking.past")
    if slot.taken >= slot.capacity:
        raise Conflict("booking.slot_full")
    guide, hall = await served_in(item_id, slot.hall_id)
    if guide.content.skill != slot.skill:
        raise Conflict("booking.wrong_slot_for_item")
    return Place(slot, await policy_of(slot.hall_id), hall, guide)


async def within_limit(person_id: UUID, item_id: UUID, day: date, policy: BookingPolicy) -> None:
    """Refuse one more than the hall allows a person; in a transaction that gives one person one place."""
    # Whoever taps on two phones at once waits here, and what is being counted elsewhere is counted again.
    await db.execute(COUNT_AGAIN, person_id, clock.now())
    live = await Booking.filter(person_id=person_id, state__in=LIVE)
    missed = await Booking.filter(person_id=person_id, state=BookingState.NO_SHOW, excused_at__isnull=True)
    within_limits(
        policy, item_id, day,
        items=[one.item_id for one in live], days=[one.day for one in live], missed=[one.day for one in missed],
    )  # fmt: skip


async def take(slot_id: UUID) -> None:
    """Take one place by the conditional statement, or refuse with `booking.slot_full`."""
    if await db.fetchval(TAKE, slot_id, clock.now()) is None:
        raise Conflict("booking.slot_full")


async def lock(*slot_ids: UUID) -> None:
    """Lock start times in the one order everybody locks them in."""
    await db.execute("SELECT 1 FROM slot WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE", list(slot_ids))


async def give_back(slot_id: UUID) -> None:
    """Free the place of a booking that has ended early."""
    await db.execute(GIVE_BACK, slot_id)


async def issue_code(booking: Booking, slot: Slot) -> str:
    """Make the token in the check-in QR; it lasts through the day, since being late is no reason to be turned away."""
    return await thread.issue_code("booking", booking.id, thread_id=booking.thread_id, expires=code_lasts(slot.day))


async def wind_up(booking: Booking) -> None:
    """End what goes with a booking that has just ended: its check-in QR, and what its person has not been told yet."""
    # The hall may have confirmed it since it was read.
    await booking.refresh_from_db(["code"])
    if booking.code:
        await thread.revoke_code(booking.code)
    await push.cancel(cause_of(booking.id))
    # After an outage nobody hears that what they have given back is confirmed.
    await push.call_off(*(event_of(message, booking.id) for message in STANDS))


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
