"""A number that somebody holds already: whether it is for the same matter, and how its place in the line changes."""

from __future__ import annotations

from uuid import UUID

from server.actor import Actor
from server.features.booking import service as booking
from server.features.queue.models import IN_LINE, UNFINISHED, Green, Place, QueuePolicy, Ticket
from server.features.queue.service import _live
from server.features.thread import service as thread
from server.kit import clock


def same(skill: str, item_id: UUID | None, wanted: str, wanted_item: UUID | None) -> bool:
    """Whoever does not say what for means whatever they already have a number for."""
    if wanted_item is None or item_id is None:
        return skill == wanted
    return item_id == wanted_item


async def in_hand(hall_id: UUID, person_id: UUID, skill: str, item_id: UUID | None) -> list[Ticket]:
    """List what somebody holds today for this matter, the one that names it first. Under the hall's lock."""
    rows = Ticket.of_people((person_id,)).filter(hall_id=hall_id, day=clock.today(), state__in=UNFINISHED)
    held = [one for one in await rows.order_by("rank_at", "id") if same(one.skill, one.item_id, skill, item_id)]
    return sorted(held, key=lambda one: one.item_id is None)


async def join(actor: Actor, ticket: Ticket, visit: booking.Visit, policy: QueuePolicy, green: Green | None) -> None:
    """Make a number that was taken without a booking that of a booking; the better of the two places counts."""
    found, former = visit.booking, ticket.thread_id
    place = policy.place(clock.now(), visit.starts_at, green or ticket.green)
    better = {"promised_at": visit.starts_at, **_at(place)} if place.rank_at < ticket.rank_at else {}
    await ticket.change(booking_id=found.id, thread_id=found.thread_id, item_id=found.item_id, **better)
    if former is not None and former != found.thread_id:
        await thread.record(former, "queue.joined", actor, ticket=ticket.number)
    await _live.changed(ticket.hall_id)


async def say_green(ticket: Ticket, green: Green | None, policy: QueuePolicy) -> None:
    """Let somebody who waits say that they should go first, once they have a number; nobody asks for proof."""
    if green is None or ticket.green is not None or ticket.state not in IN_LINE:
        return
    await ticket.change(**_at(place_of(ticket, policy).with_green(green)))
    await _live.changed(ticket.hall_id)


async def mark(ticket: Ticket, green: Green | None, policy: QueuePolicy) -> None:
    """Put somebody where the desk wants them: whom it lets go first goes first, late or not."""
    place = place_of(ticket, policy)
    await ticket.change(**_at(Place(place.at, place.late and green is None, place.booked, policy, green)))
    await _live.changed(ticket.hall_id)


def place_of(ticket: Ticket, policy: QueuePolicy) -> Place:
    """Tell where a ticket stands; whoever stands at the promised time came in time for it."""
    return Place(ticket.place_at, ticket.late, ticket.place_at == ticket.promised_at, policy, ticket.green)


def _at(place: Place) -> dict[str, object]:
    return {"place_at": place.at, "rank_at": place.rank_at, "late": place.late, "green": place.green}
