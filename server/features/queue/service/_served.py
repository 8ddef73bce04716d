"""Visits that are over, as far as whoever asks for a rating needs to know them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from server.errors import Gone, NotFound
from server.features.queue.models import AT_WINDOW, UNFINISHED, Ticket, TicketState
from server.features.thread import service as thread
from server.kit import clock

# So long after the end a window's second screen and its tablet ask for a rating.
RATING_SHOWN = timedelta(minutes=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One visit that a window has finished. `subject_id` is what its rating is of."""

    subject_id: UUID
    thread_id: UUID | None
    item_id: UUID | None
    hall_id: UUID
    window_id: UUID | None
    staff_id: UUID | None
    skill: str
    number: str
    finished_at: datetime


async def served_by_slip(code: str) -> Served:
    """Give the visit behind a slip's QR. Raises NotFound `codes.unknown`, `queue.not_served` before it is over."""
    ticket = await Ticket.get(id=(await thread.resolve_code(code, "ticket")).subject_id)
    if ticket.state is not TicketState.DONE:
        raise NotFound("queue.not_served")
    return _served(ticket)


async def is_served(code: str) -> bool:
    """Say whether a scanned code is the slip of a visit that is over."""
    try:
        await served_by_slip(code)
    except (NotFound, Gone):
        return False
    return True


async def last_served(window_id: UUID) -> Served | None:
    """Give whom a window has just finished with, as long as it has called nobody else and not long has passed."""
    if await Ticket.filter(window_id=window_id, state__in=AT_WINDOW).exists():
        return None
    done = Ticket.filter(window_id=window_id, state=TicketState.DONE, finished_at__gte=clock.now() - RATING_SHOWN)
    found = await done.order_by("-finished_at").first()
    return None if found is None else _served(found)


async def served_of_thread(thread_id: UUID) -> Served | None:
    """Give the last visit of a matter that is over."""
    found = await Ticket.filter(thread_id=thread_id, state=TicketState.DONE).order_by("-finished_at").first()
    return None if found is None else _served(found)


async def has_number(thread_id: UUID) -> bool:
    """Say whether somebody waits or is served for a matter."""
    return await Ticket.filter(thread_id=thread_id, state__in=UNFINISHED).exists()


async def threads_served(first: date, last: date) -> list[UUID]:
    """Name the matters for which somebody without a booking was served on these days."""
    rows = Ticket.filter(day__gte=first, day__lte=last, state=TicketState.DONE, booking_id__isnull=True)
    return [one.thread_id for one in await rows.filter(thread_id__isnull=False) if one.thread_id is not None]


def _served(ticket: Ticket) -> Served:
    return Served(
        subject_id=ticket.booking_id or ticket.id,
        thread_id=ticket.thread_id,
        item_id=ticket.item_id,
        hall_id=ticket.hall_id,
        window_id=ticket.window_id,
        staff_id=ticket.served_by,
        skill=ticket.skill,
        number=ticket.number,
        finished_at=ticket.finished_at or ticket.created_at,
    )
