"""The answer to a booking as bytes: drawn once for a place, then only the six things that differ are filled in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from server.features.booking import messages
from server.features.booking.models import Booking, BookingState, cancel_until
from server.features.booking.service._view import Place, Told, drawn
from server.features.push import service as push
from server.kit import clock, wire

if TYPE_CHECKING:
    from server.features.booking.service._facts import Facts

_BOOKING = UUID("00000000-0000-4000-8000-0000000000b0")
_THREAD = UUID("00000000-0000-4000-8000-0000000000f0")
_NUMBER, _PERSON, _CODE = "\ue000n\ue000", "\ue000p\ue000", "\ue000c\ue000"
_HOLD = datetime(2001, 1, 1, tzinfo=UTC)
_MARKS = [str(mark).encode() for mark in (_BOOKING, _THREAD, _NUMBER, _PERSON, _CODE)]
_MARKS.append(wire.encode(_HOLD)[1:-1])
_ANY_MARK = re.compile(b"(" + b"|".join(map(re.escape, _MARKS)) + b")")
_KEPT = 4_000
_SAID: dict[BookingState, type[Told]] = {
    BookingState.REQUESTED: messages.BookingRequested,
    BookingState.CONFIRMED: messages.BookingConfirmed,
}

_sketches: dict[tuple[object, ...], Sketch] = {}


@dataclass(slots=True)
class Sketch:
    """What everybody who books a place alike is answered and told, with holes where they differ.

    `until` is when something else can be done with the booking than before; `says` is None where nothing is said.
    """

    place: Place
    until: datetime
    pieces: list[bytes]
    holes: list[tuple[int, int]]
    says: push.Draft | None

    def reply(self, facts: Facts, booking_id: UUID, code: str | None, hold_until: datetime | None) -> bytes:
        """Write the booking screen of one wish that is granted."""
        hold = None if hold_until is None else wire.to_wire(hold_until)
        filled = (booking_id, facts.opening.thread_id, facts.opening.number, facts.caller.label, code, hold)
        pieces = self.pieces.copy()
        for at, which in self.holes:
            # A name may hold what JSON spells in another way; the marks are as they stand.
            pieces[at] = msgspec.json.encode(filled[which])[1:-1]
        return b"".join(pieces)


def sketch_of(facts: Facts, state: BookingState, now: datetime) -> Sketch:
    """Give the sketch of one wish that is granted."""
    wish, place = facts.wish, facts.place
    key = (wish.slot_id, wish.item_id, wish.ticked, wish.enterprise, state, facts.ask, wish.actor.locale)
    known = _sketches.get(key)
    # A place is another one as soon as anything about hall, guide or policy is.
    if known is not None and known.place is place and now < known.until:
        return known
    if len(_sketches) >= _KEPT:
        _sketches.clear()
    made = _sketches[key] = _sketched(facts, state, now)
    return made


def _sketched(facts: Facts, state: BookingState, now: datetime) -> Sketch:
    place = facts.place
    pieces = _ANY_MARK.split(wire.encode(_drawn(facts, state)))
    message = _SAID.get(state)
    says = None
    if message is not None:
        item, hall, at = place.guide.item.name, place.hall.name, place.slot.starts_at
        says = push.draft(message(booking_id="", item=item, hall=hall, starts_at=at))
    return Sketch(
        place=place,
        until=min(moment for moment in (cancel_until(place.slot, place.policy), _midnight(now)) if moment > now),
        pieces=pieces,
        holes=[(number, _MARKS.index(piece)) for number, piece in enumerate(pieces) if piece in _MARKS],
        says=says,
    )


def _midnight(now: datetime) -> datetime:
    today = now.astimezone(clock.SHANGHAI)
    return (today + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _drawn(facts: Facts, state: BookingState) -> msgspec.Struct:
    wish, place = facts.wish, facts.place
    stand_in = Booking(
        id=_BOOKING,
        thread_id=_THREAD,
        slot_id=place.slot.id,
        hall_id=place.slot.hall_id,
        item_id=place.guide.item.id,
        guide_id=place.guide.id,
        day=place.slot.day,
        person_id=wish.person_id,
        state=state,
        code=_CODE if state is BookingState.CONFIRMED else None,
        ticked=list(wish.ticked),
        hold_until=_HOLD if state is BookingState.HELD else None,
    )
    return drawn(
        stand_in,
        wish.actor.locale,
        place,
        number=_NUMBER,
        person=_PERSON,
        enterprise=wish.enterprise,
        ask=list(facts.ask),
    )
