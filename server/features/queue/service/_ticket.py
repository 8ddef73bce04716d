"""Making a ticket: one number in the one line there is, whoever comes and however they came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from server import db
from server.features.identity import service as identity
from server.features.queue.models import UNFINISHED, Green, QueuePolicy, Ticket
from server.features.queue.service import _live
from server.features.queue.service._ahead import lines_of
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import new_id

BOOKED, WALK_IN = "A", "B"

NEXT_NUMBER = """
INSERT INTO ticket_counter (hall_id, day, prefix, last) VALUES ($1, $2, $3, 1)
ON CONFLICT (hall_id, day, prefix) DO UPDATE SET last = ticket_counter.last + 1
RETURNING last
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Somebody who stands in the hall, and what is known of them."""

    hall_id: UUID
    skill: str
    item_id: UUID | None = None
    person_id: UUID | None = None
    thread_id: UUID | None = None
    booking_id: UUID | None = None
    promised_at: datetime | None = None
    green: Green | None = None
    device_id: UUID | None = None


async def one_at_a_time(hall_id: UUID) -> None:
    """Let arrivals of a hall pass one by one until the commit: scanned twice is one ticket, from two phones too."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"queue:{hall_id}")


async def issue(arrival: Arrival, policy: QueuePolicy) -> Ticket:
    """Give the next number, in the caller's transaction."""
    now, today = clock.now(), clock.today()
    green = arrival.green or await _by_age(arrival.person_id, policy)
    place = policy.place(now, arrival.promised_at, green)
    prefix = WALK_IN if arrival.booking_id is None else BOOKED
    lines = await lines_of(arrival.hall_id)
    last = await db.fetchval(NEXT_NUMBER, arrival.hall_id, today, prefix)
    ticket = Ticket(
        id=new_id(),
        thread_id=arrival.thread_id,
        booking_id=arrival.booking_id,
        hall_id=arrival.hall_id,
        item_id=arrival.item_id,
        skill=arrival.skill,
        day=today,
        place_at=place.at,
        rank_at=place.rank_at,
        promised_at=arrival.promised_at,
        late=place.late,
        green=green,
        number=f"{prefix}{last:03d}",
        person_id=arrival.person_id,
        device_id=arrival.device_id,
        joined_behind=await lines.before(arrival.hall_id, arrival.skill, place.rank_at),
    )
    midnight = datetime.combine(today + timedelta(days=1), time(), clock.SHANGHAI)
    ticket.code = await thread.issue_code("ticket", ticket.id, thread_id=arrival.thread_id, expires=midnight)
    await ticket.save(force_create=True)
    await _live.changed(arrival.hall_id)
    return ticket


async def _by_age(person_id: UUID | None, policy: QueuePolicy) -> Green | None:
    """The old need not ask: their number says it."""
    if person_id is None:
        return None
    born = (await identity.person(person_id)).birth_date
    if born is None:
        return None
    today = clock.today()
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return Green.ELDER if age >= policy.green_age else None


async def unfinished(hall_id: UUID, person_ids: tuple[UUID, ...]) -> list[Ticket]:
    """List the tickets these people hold in a hall today, the next one first."""
    rows = Ticket.of_people(person_ids).filter(hall_id=hall_id, day=clock.today(), state__in=UNFINISHED)
    return await rows.order_by("rank_at", "id")
