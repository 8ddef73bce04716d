"""What a window does with the person it has called."""

from __future__ import annotations

from uuid import UUID

from tortoise.expressions import F

from server import db
from server.actor import Actor, Citizen, Staff
from server.errors import Conflict, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.booking import service as booking
from server.features.catalogue import service as catalogue
from server.features.queue.models import AT_WINDOW, MOVES, Green, Ticket, TicketState
from server.features.queue.service import _live
from server.features.queue.service._call import announce
from server.features.queue.service._places import mark
from server.features.queue.service._policy import halls_of, kinds_of, policy_of, require_open
from server.features.queue.service._soon import tell_soon
from server.features.thread import service as thread
from server.kit import clock


@db.transactional
async def recall(actor: Staff, ticket_id: UUID) -> None:
    """Call the same number again: on the screen, aloud, and on the phone."""
    ticket = await _at_desk(actor, ticket_id)
    await ticket.move("recall", called_at=clock.now(), calls=F("calls") + 1)
    if ticket.window_id is not None:
        await announce(actor, ticket, (await catalogue.window(ticket.window_id)).name)


@db.transactional
async def start(actor: Staff, ticket_id: UUID) -> None:
    """The person is at the window."""
    ticket = await _at_desk(actor, ticket_id)
    await ticket.move("start")
    await _live.changed(ticket.hall_id)


@db.transactional
async def finish(actor: Staff, ticket_id: UUID) -> None:
    """The window has finished: the visit is served, and may be rated."""
    ticket = await _at_desk(actor, ticket_id)
    await ticket.move("finish", finished_at=clock.now())
    if ticket.booking_id is not None:
        await booking.serve(actor, ticket.booking_id)
    elif ticket.thread_id is not None:
        await thread.record(ticket.thread_id, "queue.served", actor, ticket_id=str(ticket.id))
    await audit.record(
        actor, "queue.finished", "ticket", ticket.id, person_id=ticket.person_id, thread_id=ticket.thread_id
    )
    await _live.changed(ticket.hall_id)


@db.transactional
async def skip(actor: Staff, ticket_id: UUID) -> None:
    """The person did not come to the window; `bring_back` undoes it."""
    ticket = await _at_desk(actor, ticket_id)
    await ticket.move("skip", window_id=None)
    await _live.changed(ticket.hall_id)


@db.transactional
async def bring_back(actor: Staff, ticket_id: UUID) -> None:
    """A skipped or held person has turned up and waits again, at the place their time gives them."""
    ticket = await _at_desk(actor, ticket_id)
    await ticket.move("bring_back", window_id=None)
    await _live.changed(ticket.hall_id)


@db.transactional
async def hold(actor: Staff, ticket_id: UUID) -> None:
    """The person fetches something; the window calls others meanwhile and keeps them."""
    ticket = await _at_desk(actor, ticket_id)
    await ticket.move("hold")
    await _live.changed(ticket.hall_id)


@db.transactional
async def resume(actor: Staff, ticket_id: UUID, window_id: UUID) -> None:
    """The person is back, at this window or another of the hall. Refuses `queue.window_busy`, `queue.window_closed`."""
    ticket = await _at_desk(actor, ticket_id)
    window = await catalogue.window(window_id)
    if window.hall_id != ticket.hall_id:
        raise NotFound
    require_open(window)
    if await Ticket.filter(window_id=window_id, state__in=AT_WINDOW).exists():
        raise Conflict("queue.window_busy")
    await ticket.move("resume", window_id=window_id, served_by=actor.staff_id)
    await _live.changed(ticket.hall_id)


@db.transactional
async def transfer(
    actor: Staff, ticket_id: UUID, *, window_id: UUID | None = None, skill: str | None = None, note: str = ""
) -> None:
    """Hand somebody on, to one window or to whoever does one kind of business, with a note for the colleague.

    They keep number and place, and so are among the first there. Refuses: `queue.transfer_nowhere`,
    `queue.no_window`.
    """
    ticket = await _at_desk(actor, ticket_id)
    kinds = await kinds_of(ticket.hall_id)
    windows = {window.id: window for several in kinds.values() for window in several}
    if (window_id is None) == (skill is None):
        raise InvalidInput("queue.transfer_nowhere")
    if (window_id is not None and window_id not in windows) or (skill is not None and skill not in kinds):
        raise Conflict("queue.no_window", hall=(await catalogue.hall(ticket.hall_id)).name)
    if window_id == ticket.window_id and window_id is not None:
        raise InvalidInput("queue.transfer_nowhere")
    ticket.note = note.strip() or None
    await ticket.move(
        "transfer",
        window_id=None,
        for_window_id=window_id,
        skill=skill or ticket.skill,
        note_sealed=ticket.note_sealed,
    )
    await audit.record(
        actor, "queue.transferred", "ticket", ticket.id, person_id=ticket.person_id, thread_id=ticket.thread_id
    )
    await _live.changed(ticket.hall_id)


@db.transactional
async def mark_green(actor: Staff, ticket_id: UUID, green: Green | None) -> None:
    """Put somebody into the green channel, or take them out again; those who wait move accordingly."""
    ticket = await _at_desk(actor, ticket_id)
    await mark(ticket, green, await policy_of(ticket.hall_id))
    await audit.record(
        actor, "queue.green_marked", "ticket", ticket.id, person_id=ticket.person_id, green=green.value if green else ""
    )


@db.transactional
async def leave(actor: Staff, ticket_id: UUID) -> None:
    """The person has gone; their booking, if there was one, has ended."""
    await _go(actor, await _at_desk(actor, ticket_id))


@db.transactional
async def leave_all(actor: Citizen) -> None:
    """Leave every line a test person stands in: who walks a flow waits no longer when the walk has ended.

    Whoever is at a window just then is let go there.
    """
    own = () if actor.person_id is None else (actor.person_id,)
    for ticket in await Ticket.of_people(own).filter(state__in=MOVES["abandon"][0]):
        await _go(actor, ticket)


async def _go(actor: Actor, ticket: Ticket) -> None:
    if ticket.state is TicketState.SERVING:
        raise Conflict("queue.wrong_state")
    await ticket.move("abandon", finished_at=clock.now(), window_id=None)
    if ticket.booking_id is not None:
        await booking.expire(actor, await booking.get_row(ticket.booking_id))
    elif ticket.thread_id is not None:
        await thread.record(ticket.thread_id, "queue.left", actor, ticket=ticket.number)
    await audit.record(actor, "queue.left", "ticket", ticket.id, person_id=ticket.person_id)
    await tell_soon(ticket.hall_id)
    await _live.changed(ticket.hall_id)


async def _at_desk(actor: Staff, ticket_id: UUID) -> Ticket:
    ticket = await Ticket.in_halls(await halls_of(actor)).get_or_none(id=ticket_id)
    if ticket is None:
        raise NotFound
    return ticket
