"""What the desk sees of the line."""

from __future__ import annotations

from uuid import UUID

from server.actor import Staff
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.queue.models import UNFINISHED, Ticket, TicketState
from server.features.queue.schemas import DeskTicket, KindOut
from server.features.queue.service._board import Board, load
from server.features.queue.service._policy import check_hall, halls_of
from server.features.queue.service._view import kind_name, wait_of
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.texts import text


@thread.handled_by
async def _halls_of_thread(thread_id: UUID) -> list[UUID]:
    rows: list[UUID] = await Ticket.filter(thread_id=thread_id).values_list("hall_id", flat=True)  # type: ignore[assignment]
    return rows


async def waiting(actor: Staff, hall_id: UUID) -> list[DeskTicket]:
    """List today's unfinished tickets of a hall in the order of the line."""
    rows = Ticket.in_halls(await halls_of(actor)).filter(hall_id=hall_id, day=clock.today(), state__in=UNFINISHED)
    tickets = await rows.order_by("rank_at", "id")
    people = await identity.people([ticket.person_id for ticket in tickets if ticket.person_id])
    items = await catalogue.items({ticket.item_id for ticket in tickets if ticket.item_id})
    windows = {window.id: window.name for window in await catalogue.windows(hall_id)}
    shown = []
    for ticket in tickets:
        kind = kind_name(actor.locale, ticket.skill)
        window_id = ticket.window_id or ticket.for_window_id
        shown.append(
            DeskTicket(
                id=ticket.id,
                thread_id=ticket.thread_id,
                booking_id=ticket.booking_id,
                number=ticket.number,
                state=ticket.state.value,
                state_text=text(actor.locale, f"queue.state.{ticket.state.value}"),
                person=masking.name(people[ticket.person_id].name) if ticket.person_id else "",
                item=items[ticket.item_id].name if ticket.item_id in items else kind,
                skill=ticket.skill,
                kind=kind,
                window_id=ticket.window_id,
                window=windows.get(window_id) if window_id else None,
                for_window_id=ticket.for_window_id,
                green=text(actor.locale, f"queue.green.{ticket.green.value}") if ticket.green else None,
                late=ticket.late,
                note=ticket.note,
                calls=ticket.calls,
                since=ticket.created_at,
            )
        )
    return shown


async def waiting_now(actor: Staff) -> int:
    """Count who waits today in the actor's halls."""
    waits = (TicketState.WAITING, TicketState.TRANSFERRED)
    return await Ticket.in_halls(await halls_of(actor)).filter(day=clock.today(), state__in=waits).count()


async def kinds(actor: Staff, hall_id: UUID) -> list[KindOut]:
    """Count those who wait in a hall, by kind of business."""
    await check_hall(actor, hall_id)
    return kinds_out(actor.locale, await load(hall_id))


def kinds_out(locale: str, board: Board) -> list[KindOut]:
    """Write the counts of a board."""
    return [
        KindOut(
            skill=kind.skill,
            name=kind_name(locale, kind.skill),
            waiting=kind.waiting,
            wait=wait_of(kind.low, kind.high),
        )
        for kind in board.kinds
    ]


async def code_of(actor: Staff, ticket_id: UUID) -> str | None:
    """Give the token in the QR of a ticket of the actor's hall, for printing it again."""
    ticket = await Ticket.in_halls(await halls_of(actor)).get_or_none(id=ticket_id)
    return None if ticket is None else ticket.code
