"""Reading bookings: the person's own screens, and what every step needs to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from server.actor import Actor, Citizen, Staff
from server.errors import NotFound
from server.features.booking import messages
from server.features.booking.models import LIVE, MOVES, Appeal, Booking, BookingPolicy, BookingState, Slot, cancel_until
from server.features.booking.schemas import BookingOut, BookingsQuery, BringOut, HallRef, ItemRef
from server.features.booking.service._slots import policy_of
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.paging import Page, after, cursor_of
from server.kit.texts import text

# What the hall says no to or shuts; it may keep another time.
TAKEN_BACK = (BookingState.DECLINED, BookingState.CANCELLED)


async def booking_for(actor: Actor, booking_id: UUID) -> Booking:
    """Reach one booking, or see nothing: somebody else's looks like none."""
    if isinstance(actor, Staff):
        query = Booking.in_halls(await catalogue.halls_within(await identity.reach(actor)))
    elif isinstance(actor, Citizen):
        parties = await identity.parties(actor, identity.Scope.VISITS)
        query = Booking.of_parties(parties.person_ids, parties.enterprise_ids)
    else:
        raise NotFound
    booking = await query.get_or_none(id=booking_id)
    if booking is None:
        raise NotFound
    return booking


async def get(actor: Actor, booking_id: UUID) -> BookingOut:
    """Show one booking screen."""
    return await screen(await booking_for(actor, booking_id), actor)


async def mine(actor: Citizen, query: BookingsQuery) -> Page[BookingOut]:
    """List my bookings, newest first; `live` are those still to come, `past` the rest."""
    parties = await identity.parties(actor, identity.Scope.VISITS)
    rows = Booking.of_parties(parties.person_ids, parties.enterprise_ids)
    rows = rows.filter(state__in=LIVE) if query.state == "live" else rows.exclude(state__in=LIVE)
    seen = after(query.cursor, tuple[datetime, UUID])
    if seen is not None:
        rows = rows.filter(Q(created_at__lt=seen[0]) | Q(created_at=seen[0], id__lt=seen[1]))
    found = await rows.order_by("-created_at", "-id").limit(query.limit + 1)
    shown = found[: query.limit]
    more = len(found) > len(shown)
    return Page(
        items=await screens(shown, actor),
        next=cursor_of(shown[-1].created_at, shown[-1].id) if more else None,
    )


async def coming(actor: Citizen) -> BookingOut | None:
    """Show the next visit I am expected for, if there is one; before all, a place that is kept only for a while."""
    parties = await identity.parties(actor, identity.Scope.VISITS)
    rows = Booking.of_parties(parties.person_ids, parties.enterprise_ids)
    live = await rows.filter(state__in=LIVE, day__gte=clock.today())
    slots = {slot.id: slot for slot in await Slot.filter(id__in=[row.slot_id for row in live])}
    ahead = [row for row in live if slots[row.slot_id].ends_at > clock.now()]
    first = min(ahead, key=lambda row: (row.state is not BookingState.HELD, slots[row.slot_id].starts_at), default=None)
    return None if first is None else await screen(first, actor)


async def live_booking(actor: Citizen, item_id: UUID) -> Booking | None:
    """Find my live booking for an item, so that nobody books twice by mistake."""
    parties = await identity.parties(actor, identity.Scope.VISITS)
    rows = Booking.of_parties(parties.person_ids, parties.enterprise_ids)
    return await rows.filter(item_id=item_id, state__in=LIVE).order_by("-created_at").first()


@dataclass(frozen=True, slots=True)
class Place:
    """Everything about one start time of one hall for one item, looked up once and handed on."""

    slot: Slot
    policy: BookingPolicy
    hall: catalogue.HallView
    guide: catalogue.GuideView


async def place_of(booking: Booking, slot: Slot | None = None) -> Place:
    """Look up the place of a booking, under the guide it was made with."""
    return (await _places([booking], slot))[booking.id]


async def _places(bookings: list[Booking], slot: Slot | None = None) -> dict[UUID, Place]:
    known = [] if slot is None else [slot]
    slots = {slot.id: slot for slot in known or await Slot.filter(id__in=[row.slot_id for row in bookings])}
    policies = {hall_id: await policy_of(hall_id) for hall_id in {row.hall_id for row in bookings}}
    halls = {hall_id: await catalogue.hall(hall_id) for hall_id in policies}
    guides = {guide_id: await catalogue.guide(guide_id) for guide_id in {row.guide_id for row in bookings}}
    return {
        row.id: Place(slots[row.slot_id], policies[row.hall_id], halls[row.hall_id], guides[row.guide_id])
        for row in bookings
    }


async def screen(booking: Booking, actor: Actor, place: Place | None = None) -> BookingOut:
    """Put the whole booking screen together."""
    return (await screens([booking], actor, None if place is None else {booking.id: place}))[0]


async def screens(
    bookings: list[Booking], actor: Actor, places: Mapping[UUID, Place] | None = None
) -> list[BookingOut]:
    """Put many booking screens together, asking once for what they share."""
    known = places or await _places(bookings)
    people = await identity.people([row.person_id for row in bookings])
    enterprises = await identity.enterprise_names(row.enterprise_id for row in bookings)
    threads = await thread.many([row.thread_id for row in bookings])
    ask = await push.templates_for(actor, *messages.NEXT)
    missed = [row.id for row in bookings if row.state is BookingState.NO_SHOW]
    appeals = {one.booking_id: one.state for one in await Appeal.filter(booking_id__in=missed)} if missed else {}
    instead = await _instead_of(bookings)
    shown = [
        drawn(
            row,
            actor.locale,
            known[row.id],
            number=threads[row.thread_id].number,
            person=masking.name(people[row.person_id].name),
            enterprise=None if row.enterprise_id is None else enterprises[row.enterprise_id],
            ask=ask,
            appeal=appeals.get(row.id),
        )
        for row in bookings
    ]
    for row, screen_of in zip(bookings, shown, strict=True):
        screen_of.instead = instead.get(row.thread_id) if row.state in TAKEN_BACK else None
    return shown


async def _instead_of(bookings: list[Booking]) -> dict[UUID, UUID]:
    lost = [row.thread_id for row in bookings if row.state in TAKEN_BACK]
    if not lost:
        return {}
    kept = await Booking.filter(thread_id__in=lost, state=BookingState.HELD, offer="hall")
    return {row.thread_id: row.id for row in kept}


def drawn(
    booking: Booking,
    locale: str,
    place: Place,
    *,
    number: str,
    person: str,
    enterprise: str | None,
    ask: list[str],
    appeal: str | None = None,
) -> BookingOut:
    """Put a booking screen together from what is known."""
    guide, slot = place.guide, place.slot
    return BookingOut(
        id=booking.id,
        thread_id=booking.thread_id,
        number=number,
        item=ItemRef(id=guide.item.id, name=guide.item.name),
        hall=_hall(place.hall),
        person=person,
        enterprise=enterprise,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        state=booking.state.value,
        state_text=text(locale, f"booking.state.{booking.state.value}"),
        code=booking.code if booking.state is BookingState.CONFIRMED else None,
        declined_reason=booking.declined_reason,
        bring=_bring(guide, booking.ticked),
        can=_can(booking, slot, place.policy, online=guide.content.online),
        cancel_until=cancel_until(slot, place.policy),
        ask=ask,
        hold_until=booking.hold_until if booking.state is BookingState.HELD else None,
        offer=booking.offer if booking.state is BookingState.HELD else None,
        appeal=appeal,
    )


def _bring(guide: catalogue.GuideView, ticked: list[str]) -> list[BringOut]:
    return [
        BringOut(key=one.key, name=one.name, required=one.need != "optional", ticked=one.key in ticked)
        for one in guide.content.materials
        if one.exempt is None and one.when is None
    ]


def _hall(hall: catalogue.HallView) -> HallRef:
    return HallRef(
        id=hall.id,
        name=hall.name,
        address=hall.address,
        phone=hall.phone,
        hours_text=hall.hours_text,
        latitude=hall.latitude,
        longitude=hall.longitude,
    )


def _can(booking: Booking, slot: Slot, policy: BookingPolicy, *, online: bool) -> list[str]:
    if booking.state is BookingState.HELD:
        return ["request", "release", "tick"]
    can = ["cancel", "reschedule"] if booking.may_cancel(slot, policy) else []
    if booking.state in (BookingState.REQUESTED, BookingState.CONFIRMED):
        can.append("tick")
    if booking.state is BookingState.NO_SHOW and booking.excused_at is None:
        can.append("appeal")
    if booking.state in MOVES["check_in"][0] and booking.day == clock.today():
        can.append("check_in")
    if online and booking.state in (*LIVE, BookingState.SERVED):
        can.append("apply")
    return can


Told = (
    messages.BookingRequested
    | messages.BookingConfirmed
    | messages.BookingDeclined
    | messages.BookingCancelled
    | messages.BookingMissed
    | messages.BookingExpired
    | messages.BookingClosed
)


def cause_of(booking_id: UUID) -> str:
    """Name what is said because a booking stands: it is called off when the booking moves or ends."""
    return f"booking:{booking_id}"


# What is said while a booking stands, and is not worth sending once it has ended.
STANDS: tuple[type[Told], ...] = (messages.BookingRequested, messages.BookingConfirmed)


def event_of(message: type[Told], booking_id: UUID) -> str:
    """Name what is said once of a booking; those made in a batch are told under the same name."""
    return f"{message.kind}:{booking_id}"


async def tell(booking: Booking, message: type[Told], place: Place | None = None) -> None:
    """Say to the person what happened to the booking; in the transaction of what happened."""
    at = place or await place_of(booking)
    await push.send(
        message(booking_id=str(booking.id), item=at.guide.item.name, hall=at.hall.name, starts_at=at.slot.starts_at),
        to=push.To(person_id=booking.person_id),
        thread_id=booking.thread_id,
        dedupe=event_of(message, booking.id),
    )
