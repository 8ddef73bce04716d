"""Reading bookings: the person's own screens, and what every step needs to tell."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from server.actor import Actor, Citizen, Staff
from server.errors import NotFound
from server.features.booking import messages
from server.features.booking.models import LIVE, Booking, BookingPolicy, BookingState, Slot, cancel_until
from server.features.booking.schemas import BookingOut, BookingsQuery, BringOut, HallRef, ItemRef
from server.features.booking.service._slots import policy_of
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import masking
from server.kit.paging import Page, after, cursor_of
from server.kit.texts import text


async def booking_for(actor: Actor, booking_id: UUID) -> Booking:
    """Reach one booking, or see nothing: somebody else's looks like none."""
    if isinstance(actor, Staff):
        query = Booking.in_halls(await catalogue.halls_within(await identity.reach(actor)))
    elif isinstance(actor, Citizen):
        parties = await identity.parties(actor)
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
    parties = await identity.parties(actor)
    rows = Booking.of_parties(parties.person_ids, parties.enterprise_ids)
    rows = rows.filter(state__in=LIVE) if query.state == "live" else rows.exclude(state__in=LIVE)
    seen = after(query.cursor, tuple[datetime, UUID])
    if seen is not None:
        rows = rows.filter(Q(created_at__lt=seen[0]) | Q(created_at=seen[0], id__lt=seen[1]))
    found = await rows.order_by("-created_at", "-id").limit(query.limit + 1)
    shown = found[: query.limit]
    more = len(found) > len(shown)
    return Page(
        items=[await screen(row, actor) for row in shown],
        next=cursor_of(shown[-1].created_at, shown[-1].id) if more else None,
    )


async def live_booking(actor: Citizen, item_id: UUID) -> Booking | None:
    """Find my live booking for an item, so that nobody books twice by mistake."""
    parties = await identity.parties(actor)
    rows = Booking.of_parties(parties.person_ids, parties.enterprise_ids)
    return await rows.filter(item_id=item_id, state__in=LIVE).order_by("-created_at").first()


async def screen(booking: Booking, actor: Actor) -> BookingOut:
    """Put the whole booking screen together."""
    slot = await Slot.get(id=booking.slot_id)
    policy = await policy_of(booking.hall_id)
    item = await catalogue.item(booking.item_id)
    hall = await catalogue.hall(booking.hall_id)
    guide = await catalogue.guide(booking.guide_id)
    person = await identity.person(booking.person_id)
    opened = await thread.get(booking.thread_id)
    return BookingOut(
        id=booking.id,
        thread_id=booking.thread_id,
        number=opened.number,
        item=ItemRef(id=item.id, name=item.name),
        hall=HallRef(
            id=hall.id,
            name=hall.name,
            address=hall.address,
            phone=hall.phone,
            hours_text=hall.hours_text,
            latitude=hall.latitude,
            longitude=hall.longitude,
        ),
        person=masking.name(person.name),
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        state=booking.state.value,
        state_text=text(actor.locale, f"booking.state.{booking.state.value}"),
        code=booking.code if booking.state is BookingState.CONFIRMED else None,
        declined_reason=booking.declined_reason,
        bring=[
            BringOut(key=material.key, name=material.name, ticked=material.key in booking.ticked)
            for material in guide.content.materials
            if material.exempt is None
        ],
        can=_can(booking, slot, policy, online=guide.content.online),
        cancel_until=cancel_until(slot, policy),
        ask=await push.templates_for(actor, messages.BookingConfirmed),
    )


def _can(booking: Booking, slot: Slot, policy: BookingPolicy, *, online: bool) -> list[str]:
    can = ["cancel", "reschedule"] if booking.may_cancel(slot, policy) else []
    if booking.state is BookingState.CONFIRMED:
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
)


async def tell(booking: Booking, message: type[Told]) -> None:
    """Say to the person what happened to the booking; in the transaction of what happened."""
    slot = await Slot.get(id=booking.slot_id)
    item = await catalogue.item(booking.item_id)
    hall = await catalogue.hall(booking.hall_id)
    await push.send(
        message(booking_id=str(booking.id), item=item.name, hall=hall.name, starts_at=slot.starts_at),
        to=push.To(person_id=booking.person_id),
        thread_id=booking.thread_id,
        dedupe=f"{message.kind}:{booking.id}",
    )
