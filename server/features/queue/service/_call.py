"""Calling: one statement takes the next ticket, so two windows can never call the same person."""

from __future__ import annotations

from uuid import UUID

from asyncpg import UniqueViolationError

from server import db
from server.actor import Staff
from server.errors import Conflict
from server.features.catalogue import service as catalogue
from server.features.push import service as push
from server.features.queue import messages
from server.features.queue.models import AT_WINDOW, Ticket
from server.features.queue.service import _live
from server.features.queue.service._ahead import lines_of
from server.features.queue.service._close import end_of_day
from server.features.queue.service._policy import check_hall, require_open
from server.features.queue.service._soon import tell_soon
from server.features.queue.service._windows import sit_down
from server.features.thread import service as thread
from server.kit import clock

# Whoever was handed on to a window that has closed or paused since is for anybody who does their kind of business, at
# the place they have.
CALL_NEXT = """
UPDATE ticket SET state = 'called', window_id = $1, served_by = $2, called_at = $3, calls = 1, for_window_id = NULL,
    version = version + 1
WHERE id = (
    SELECT id FROM ticket
    WHERE hall_id = $4 AND day = $5 AND state IN ('waiting', 'transferred')
        AND CASE WHEN for_window_id = ANY($7::uuid[]) THEN for_window_id = $1 ELSE skill = ANY($6::text[]) END
    ORDER BY rank_at, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED)
RETURNING id
"""


@db.transactional
async def call_next(actor: Staff, window_id: UUID) -> UUID | None:
    """Call the next person this window can serve, or give None when nobody waits.

    Refuses: `queue.window_closed`, `queue.window_busy` while the window still has a called or serving ticket,
    `queue.window_paused`, `queue.window_taken` while somebody else sits there.
    """
    window = await catalogue.window(window_id)
    await check_hall(actor, window.hall_id)
    require_open(window)
    await _free(window_id)
    await sit_down(actor, window)
    lines = await lines_of(window.hall_id)
    try:
        called: UUID | None = await db.fetchval(
            CALL_NEXT, window_id, actor.staff_id, clock.now(), window.hall_id, clock.today(), list(window.skills),
            list(lines.binding),
        )  # fmt: skip
    except UniqueViolationError as twice:
        # Two taps at one window: the other one has called, this one takes nobody.
        raise Conflict("queue.window_busy") from twice
    if called is None:
        return None
    ticket = await Ticket.get(id=called)
    await announce(actor, ticket, window.name)
    await tell_soon(window.hall_id, lines)
    return called


async def _free(window_id: UUID) -> None:
    held = await Ticket.get_or_none(window_id=window_id, state__in=AT_WINDOW)
    if held is None:
        return
    if held.day == clock.today():
        raise Conflict("queue.window_busy")
    # Left over from a day that nobody closed; it must not block the window for ever.
    await end_of_day(held)


async def announce(actor: Staff, ticket: Ticket, window: str) -> None:
    """Say to the person, the screens and the timeline where a number is called."""
    if ticket.thread_id is not None:
        await thread.record(ticket.thread_id, "queue.called", actor, ticket=ticket.number, window=window)
    if ticket.person_id is not None:
        hall = await catalogue.hall(ticket.hall_id)
        await push.send(
            messages.Called(ticket_id=str(ticket.id), ticket=ticket.number, window=window, hall=hall.name),
            to=push.To(person_id=ticket.person_id),
            thread_id=ticket.thread_id,
            dedupe=f"queue.called:{ticket.id}:{ticket.version}",
        )
    await _live.changed(ticket.hall_id)
