"""Calling: one statement takes the next ticket, so two windows can never call the same person."""

from __future__ import annotations

from uuid import UUID

from asyncpg import UniqueViolationError

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.booking import service as booking
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.queue import messages
from server.features.queue.models import AT_WINDOW, UNFINISHED, Ticket
from server.features.queue.schemas import DeskTicket
from server.features.queue.service._close import end_of_day
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.texts import text

DESK = (Role.CLERK, Role.HALL_MANAGER)

CALL_NEXT = """
UPDATE ticket SET state = 'called', window_id = $1, served_by = $2, called_at = $3, version = version + 1
WHERE id = (
    SELECT id FROM ticket
    WHERE hall_id = $4 AND day = $5 AND state = 'waiting' AND skill = ANY($6::text[])
    ORDER BY place_at, id
    LIMIT 1
    FOR UPDATE SKIP LOCKED)
RETURNING id
"""


async def waiting(actor: Staff, hall_id: UUID) -> list[DeskTicket]:
    """List today's open and skipped tickets of a hall in the order of the line."""
    rows = Ticket.in_halls(await _halls(actor)).filter(hall_id=hall_id, day=clock.today(), state__in=UNFINISHED)
    tickets = await rows.order_by("place_at", "id")
    people = await identity.people([ticket.person_id for ticket in tickets])
    threads = await thread.many([ticket.thread_id for ticket in tickets])
    windows = {window.id: window.name for window in await catalogue.windows(hall_id)}
    return [
        DeskTicket(
            id=ticket.id,
            thread_id=ticket.thread_id,
            booking_id=ticket.booking_id,
            number=ticket.number,
            state=ticket.state.value,
            state_text=text(actor.locale, f"queue.state.{ticket.state.value}"),
            person=masking.name(people[ticket.person_id].name),
            item=threads[ticket.thread_id].title,
            window_id=ticket.window_id,
            window=windows.get(ticket.window_id) if ticket.window_id else None,
            since=ticket.created_at,
        )
        for ticket in tickets
    ]


@db.transactional
async def call_next(actor: Staff, window_id: UUID) -> UUID | None:
    """Call the next person this window can serve, or give None when nobody waits.

    Refuses: `queue.window_busy` while the window still has a called or serving ticket.
    """
    window = await catalogue.window(window_id)
    halls = await _halls(actor)
    if halls is not None and window.hall_id not in halls:
        raise NotFound
    await _free(window_id)
    try:
        called: UUID | None = await db.fetchval(
            CALL_NEXT, window_id, actor.staff_id, clock.now(), window.hall_id, clock.today(), list(window.skills)
        )
    except UniqueViolationError as twice:
        # Two taps at one window: the other one has called, this one takes nobody.
        raise Conflict("queue.window_busy") from twice
    if called is None:
        return None
    await _announce(actor, await Ticket.get(id=called), window.name)
    return called


async def _free(window_id: UUID) -> None:
    held = await Ticket.get_or_none(window_id=window_id, state__in=AT_WINDOW)
    if held is None:
        return
    if held.day == clock.today():
        raise Conflict("queue.window_busy")
    # Left over from a day that nobody closed; it must not block the window for ever.
    await end_of_day(held)


async def _announce(actor: Staff, ticket: Ticket, window: str) -> None:
    await thread.record(ticket.thread_id, "queue.called", actor, ticket=ticket.number, window=window)
    hall = await catalogue.hall(ticket.hall_id)
    await push.send(
        messages.Called(ticket_id=str(ticket.id), ticket=ticket.number, window=window, hall=hall.name),
        to=push.To(person_id=ticket.person_id),
        thread_id=ticket.thread_id,
        dedupe=f"queue.called:{ticket.id}:{ticket.version}",
    )
    await db.notify("queue", str(ticket.hall_id))


@db.transactional
async def start(actor: Staff, ticket_id: UUID) -> None:
    """The person is at the window."""
    ticket = await _at_desk(actor, ticket_id)
    await ticket.move("start")
    await db.notify("queue", str(ticket.hall_id))


@db.transactional
async def finish(actor: Staff, ticket_id: UUID) -> None:
    """The window has finished: the visit is served, and may be rated."""
    ticket = await _at_desk(actor, ticket_id)
    await ticket.move("finish", finished_at=clock.now())
    if ticket.booking_id is not None:
        await booking.serve(actor, ticket.booking_id)
    await audit.record(
        actor, "queue.finished", "ticket", ticket.id, person_id=ticket.person_id, thread_id=ticket.thread_id
    )
    await db.notify("queue", str(ticket.hall_id))


@db.transactional
async def skip(actor: Staff, ticket_id: UUID) -> None:
    """The person did not come to the window; `bring_back` undoes it."""
    ticket = await _at_desk(actor, ticket_id)
    await ticket.move("skip", window_id=None)
    await db.notify("queue", str(ticket.hall_id))


@db.transactional
async def bring_back(actor: Staff, ticket_id: UUID) -> None:
    """A skipped person has turned up and waits again, at the place their time gives them."""
    ticket = await _at_desk(actor, ticket_id)
    await ticket.move("bring_back", window_id=None)
    await db.notify("queue", str(ticket.hall_id))


async def _halls(actor: Staff) -> tuple[UUID, ...] | None:
    return await catalogue.halls_within(await identity.reach(actor, *DESK))


async def _at_desk(actor: Staff, ticket_id: UUID) -> Ticket:
    ticket = await Ticket.in_halls(await _halls(actor)).get_or_none(id=ticket_id)
    if ticket is None:
        raise NotFound
    return ticket
