"""Not having come, and why: the person says, the desk decides, and what is excused is not counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.functions import Count

from server import db
from server.actor import Citizen, Role, Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.booking import messages
from server.features.booking.models import Appeal, Booking, BookingState
from server.features.booking.schemas import AppealIn, BookingOut
from server.features.booking.service._view import booking_for, screen
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.push import service as push
from server.kit import clock, masking

WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealView:
    """One appeal as the desk reads it."""

    id: UUID
    person: str
    item: str
    day: date
    reason: str


@db.transactional
async def appeal(actor: Citizen, booking_id: UUID, given: AppealIn) -> BookingOut:
    """Say why one did not come, once. Refuses: `booking.wrong_state`, `booking.appeal_late`, `booking.appealed`."""
    booking = await booking_for(actor, booking_id)
    if booking.state is not BookingState.NO_SHOW:
        raise Conflict("booking.wrong_state")
    if clock.today() - booking.day > WITHIN:
        raise Conflict("booking.appeal_late", days=WITHIN.days)
    row = Appeal(booking_id=booking.id, hall_id=booking.hall_id)
    row.reason = given.reason.strip()
    try:
        await row.save(force_create=True)
    except IntegrityError as clash:
        raise Conflict("booking.appealed") from clash
    return await screen(booking, actor)


async def appeals(actor: Staff, hall_id: UUID) -> list[AppealView]:
    """List what waits for a decision at a hall, the oldest first. The look is on record."""
    halls = await catalogue.halls_within(await identity.reach(actor, Role.HALL_MANAGER))
    if halls is not None and hall_id not in halls:
        return []
    rows = await Appeal.filter(hall_id=hall_id, state="open").order_by("created_at").limit(100)
    bookings = {one.id: one for one in await Booking.filter(id__in=[row.booking_id for row in rows])}
    people = await identity.people([one.person_id for one in bookings.values()])
    items = await catalogue.items([one.item_id for one in bookings.values()])
    if rows:
        async with db.tx():
            await audit.record(actor, "booking.appeals_listed", "hall", hall_id, count=len(rows))
    return [
        AppealView(
            id=row.id,
            person=masking.name(people[bookings[row.booking_id].person_id].name),
            item=items[bookings[row.booking_id].item_id].name,
            day=bookings[row.booking_id].day,
            reason=row.reason,
        )
        for row in rows
    ]


async def open_appeals(actor: Staff) -> list[tuple[UUID, int]]:
    """Count by hall the appeals that wait for the actor's decision, the most first."""
    halls = await catalogue.halls_within(await identity.reach(actor, Role.HALL_MANAGER))
    rows = Appeal.filter(state="open") if halls is None else Appeal.filter(state="open", hall_id__in=halls)
    counted = await rows.annotate(number=Count("id")).group_by("hall_id").values_list("hall_id", "number")
    return sorted(((hall_id, number) for hall_id, number in counted), key=lambda row: (-row[1], row[0]))


@db.transactional
async def decide(actor: Staff, appeal_id: UUID, *, grant: bool) -> None:
    """Answer an appeal, once; the person is told."""
    halls = await catalogue.halls_within(await identity.reach(actor, Role.HALL_MANAGER))
    row = await Appeal.get_or_none(id=appeal_id)
    if row is None or (halls is not None and row.hall_id not in halls):
        raise NotFound
    state = "granted" if grant else "refused"
    done = await Appeal.filter(id=appeal_id, state="open").update(
        state=state, answered_at=clock.now(), staff_id=actor.staff_id
    )
    if not done:
        raise Conflict("booking.wrong_state")
    booking = await Booking.get(id=row.booking_id)
    if grant:
        await Booking.filter(id=booking.id).update(excused_at=clock.now())
    item = (await catalogue.items([booking.item_id]))[booking.item_id]
    message = messages.AppealGranted if grant else messages.AppealRefused
    await push.send(
        message(booking_id=str(booking.id), item=item.name),
        to=push.To(person_id=booking.person_id),
        thread_id=booking.thread_id,
        dedupe=f"{message.kind}:{booking.id}",
    )
    await audit.record(
        actor,
        f"booking.appeal_{state}",
        "booking",
        booking.id,
        person_id=booking.person_id,
        thread_id=booking.thread_id,
    )
