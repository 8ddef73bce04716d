"""The hall's side: who comes today, and the answer each wish gets."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from tortoise.functions import Count

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.booking import messages
from server.features.booking.models import MOVES, Booking, BookingState, Slot
from server.features.booking.schemas import DeskBooking, ItemRef
from server.features.booking.service import _overdue
from server.features.booking.service._book import issue_code, lock, open_place, settle
from server.features.booking.service._hold import offer
from server.features.booking.service._view import tell
from server.features.booking.service._waitlist import free
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.texts import text

# What the hall itself offers is kept for a day.
OFFERED_FOR = 24 * 60
MOST_OFFERED = 24
# As many as may be confirmed by one tap.
AT_ONCE = 200
DESK = (Role.CLERK, Role.HALL_MANAGER)


async def day(actor: Staff, hall_id: UUID, on: date) -> list[DeskBooking]:
    """List whom a hall expects on a date, in the order they come. The look at the list is on record."""
    bookings = await Booking.in_halls(await _halls(actor)).filter(hall_id=hall_id, day=on)
    async with db.tx():
        await audit.record(actor, "booking.day_listed", "hall", hall_id, day=on.isoformat(), count=len(bookings))
    return await _rows(actor, bookings)


async def to_answer(actor: Staff, hall_id: UUID) -> list[DeskBooking]:
    """List the wishes of a hall that wait for an answer, the nearest first. The look at the list is on record."""
    rows = Booking.in_halls(await _halls(actor)).filter(hall_id=hall_id, state=BookingState.REQUESTED)
    bookings = await rows.filter(day__gte=clock.today()).order_by("day", "created_at").limit(AT_ONCE)
    async with db.tx():
        await audit.record(actor, "booking.unanswered_listed", "hall", hall_id, count=len(bookings))
    return await _rows(actor, bookings)


async def _rows(actor: Staff, bookings: list[Booking]) -> list[DeskBooking]:
    slots = {slot.id: slot for slot in await Slot.filter(id__in=[booking.slot_id for booking in bookings])}
    people = await identity.people([booking.person_id for booking in bookings])
    enterprises = await identity.enterprise_names(booking.enterprise_id for booking in bookings)
    items = await catalogue.items([booking.item_id for booking in bookings])
    threads = await thread.many([booking.thread_id for booking in bookings])
    rows = [
        DeskBooking(
            id=booking.id,
            thread_id=booking.thread_id,
            number=threads[booking.thread_id].number,
            hall_id=booking.hall_id,
            skill=slots[booking.slot_id].skill,
            item=ItemRef(id=booking.item_id, name=items[booking.item_id].name),
            person=masking.name(people[booking.person_id].name),
            enterprise=None if booking.enterprise_id is None else enterprises[booking.enterprise_id],
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


async def unanswered(actor: Staff) -> list[tuple[date, UUID, int]]:
    """Count the wishes that wait for an answer by day and hall, the nearest day first."""
    rows = Booking.in_halls(await _halls(actor)).filter(state=BookingState.REQUESTED, day__gte=clock.today())
    counted = await rows.annotate(number=Count("id")).group_by("day", "hall_id").values("day", "hall_id", "number")
    found = [(row["day"], row["hall_id"], row["number"]) for row in counted]
    return sorted(found, key=lambda row: (row[0], -row[2], row[1]))


async def expected_today(actor: Staff) -> int:
    """Count who is still expected today."""
    rows = Booking.in_halls(await _halls(actor))
    return await rows.filter(state=BookingState.CONFIRMED, day=clock.today()).count()


_FREE = """
    SELECT id, skill, starts_at FROM (
        SELECT id, skill, starts_at, row_number() OVER (PARTITION BY skill ORDER BY starts_at) AS nth FROM slot
        WHERE hall_id = $1 AND day BETWEEN $2 AND $3 AND starts_at > $4 AND taken < capacity AND NOT closed) AS free
    WHERE nth <= $5 ORDER BY starts_at
"""


async def next_free(hall_id: UUID) -> dict[str, list[tuple[UUID, datetime]]]:
    """List by counter the next times with room, to be offered with a no."""
    now, today = clock.now(), clock.today()
    found: dict[str, list[tuple[UUID, datetime]]] = {}
    for row in await db.fetch(
        _FREE, hall_id, today, today + timedelta(days=14), now + timedelta(hours=2), MOST_OFFERED
    ):
        found.setdefault(row["skill"], []).append((row["id"], row["starts_at"]))
    return found


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
async def decline(actor: Staff, booking_id: UUID, reason: str, offered_slot_id: UUID | None = None) -> None:
    """Say no with the reason the person will read; the place is free again. Another time may be offered with it: it is
    kept for them, and one tap takes it. Refuses `booking.reason_missing`, and as `book` does for the other time.
    """
    why = reason.strip()
    if not why:
        raise InvalidInput("booking.reason_missing")
    booking = await _at_desk(actor, booking_id)
    booking.declined_reason = why
    await booking.move("decline", declined_reason_sealed=booking.declined_reason_sealed)
    if offered_slot_id is not None:
        await lock(booking.slot_id, offered_slot_id)
        place = await open_place(offered_slot_id, booking.item_id)
        # Before the step: whoever has another time on the thread has not ended.
        await offer(booking, place.slot, minutes=OFFERED_FOR, by="hall")
    await thread.record(booking.thread_id, "booking.declined", actor, booking_id=str(booking.id))
    await tell(booking, messages.BookingDeclined)
    await free(booking.slot_id)
    await _on_record(actor, "booking.declined", booking)


@db.transactional
async def miss(actor: Staff, booking_id: UUID) -> None:
    """Note that the person did not come; not before their time is over (`booking.too_early`)."""
    booking = await _at_desk(actor, booking_id)
    slot = await Slot.get(id=booking.slot_id)
    if booking.state in MOVES["miss"][0] and clock.now() < slot.ends_at:
        raise Conflict("booking.too_early")
    await _overdue.miss(actor, booking)


async def _at_desk(actor: Staff, booking_id: UUID) -> Booking:
    booking = await Booking.in_halls(await _halls(actor)).get_or_none(id=booking_id)
    if booking is None:
        raise NotFound
    return booking


async def _halls(actor: Staff) -> tuple[UUID, ...] | None:
    return await catalogue.halls_within(await identity.reach(actor, *DESK))


async def _on_record(actor: Staff, action: str, booking: Booking) -> None:
    await audit.record(actor, action, "booking", booking.id, person_id=booking.person_id, thread_id=booking.thread_id)
