"""Closing the day: a line that nobody stands in any more ends, and blocks neither window nor person tomorrow."""

from __future__ import annotations

from server import db
from server.actor import System
from server.errors import Conflict
from server.features.booking import service as booking
from server.features.queue.models import UNFINISHED, Ticket, TicketState
from server.features.thread import service as thread
from server.kit import clock

AT_ONCE = 200


async def close_day() -> int:
    """End what is left of the days before today, and say how many tickets that were."""
    left = await Ticket.filter(day__lt=clock.today(), state__in=UNFINISHED).order_by("day", "id").limit(AT_ONCE)
    ended = 0
    for ticket in left:
        try:
            async with db.tx():
                await end_of_day(ticket)
        except Conflict:
            continue  # somebody was faster
        ended += 1
    return ended


async def end_of_day(ticket: Ticket) -> None:
    """End one ticket in the caller's transaction: who was being served has been, the others have left."""
    closing = System(name="queue.close_day")
    served = ticket.state is TicketState.SERVING
    # When the visit really ended nobody knows, so it tells nothing about how long visits take.
    await ticket.move("finish" if served else "abandon", finished_at=clock.now())
    if ticket.booking_id is not None and served:
        await booking.serve(closing, ticket.booking_id)
    elif ticket.booking_id is not None:
        await booking.expire(closing, await booking.get_row(ticket.booking_id))
    elif ticket.thread_id is not None and served:
        await thread.record(ticket.thread_id, "queue.served", closing, ticket_id=str(ticket.id))
    elif ticket.thread_id is not None:
        await thread.record(ticket.thread_id, "queue.left", closing, ticket=ticket.number)
