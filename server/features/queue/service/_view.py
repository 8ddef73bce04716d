"""Reading tickets: one's own, one of a thread, and the place in line that a printed QR shows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from uuid import UUID

from server import db
from server.actor import Actor, Citizen
from server.errors import Conflict, NotFound
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.queue.models import UNFINISHED, Ticket
from server.features.queue.schemas import HallRef, TicketOut, WaitOut
from server.features.queue.service._board import Spot, load
from server.features.queue.service._live import changed, recent, watched
from server.features.queue.service._soon import tell_soon
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.texts import find, text

KEPT_SECONDS = 60.0


async def watch(actor: Citizen, ticket_id: UUID, version: int, wait: int) -> TicketOut:
    """Show the ticket as soon as there is anything else than `version` to see; after `wait` seconds anyhow."""
    ticket = await _mine(actor, ticket_id)
    shown = await _watch(ticket, actor, version, wait)
    shown.person = await _whose(actor, ticket)
    return shown


async def watch_by_code(actor: Actor, token: str, version: int, wait: int) -> TicketOut:
    """Show a place in line to whoever holds the printed QR. Refuses: `codes.unknown`, `codes.expired`."""
    code = await thread.resolve_code(token, "ticket")
    shown = await _watch(await Ticket.get(id=code.subject_id), actor, version, wait)
    # The matter behind it is for those who are logged in.
    shown.thread_id = None
    shown.can = []
    return shown


async def _watch(ticket: Ticket, actor: Actor, version: int, wait: int) -> TicketOut:
    facts = await _facts_of(ticket)
    if not wait or ticket.state not in UNFINISHED:
        spot = (await recent(ticket.hall_id)).spots.get(ticket.id)
        if spot is None or spot.version != ticket.version:
            spot = await _spot_of(ticket)
        return _written(ticket, spot, facts, actor.locale)
    end = time.monotonic() + wait
    async with watched(ticket.hall_id) as room:
        board = room.board
        while True:
            spot = board.spots.get(ticket.id) if board is not None else None
            if spot is None:
                # Over, or so new that this look at the hall does not have it yet: the row knows.
                await ticket.refresh_from_db()
                spot = await _spot_of(ticket)
            left = end - time.monotonic()
            if spot.mark != version or left <= 0:
                return _written(ticket, spot, facts, actor.locale)
            board = await room.next(board, left)


@db.transactional
async def give_back(actor: Citizen, ticket_id: UUID) -> TicketOut:
    """Give one's number back, taken without a booking. Refuses: `queue.wrong_state` once called or with a booking."""
    ticket = await _mine(actor, ticket_id)
    if not ticket.may_give_back():
        raise Conflict("queue.wrong_state")
    await ticket.move("abandon", finished_at=clock.now(), window_id=None)
    if ticket.thread_id is not None:
        await thread.record(ticket.thread_id, "queue.left", actor, ticket=ticket.number)
    await tell_soon(ticket.hall_id)
    await changed(ticket.hall_id)
    return await screen(ticket, actor)


async def of_thread(actor: Actor, thread_id: UUID) -> TicketOut | None:
    """Show the newest ticket of a thread; the caller has already checked who may see the thread."""
    ticket = await Ticket.filter(thread_id=thread_id).order_by("-created_at").first()
    return None if ticket is None else await screen(ticket, actor)


async def _mine(actor: Citizen, ticket_id: UUID) -> Ticket:
    parties = await identity.parties(actor, identity.Scope.VISITS)
    ticket = await Ticket.of_people(parties.person_ids).get_or_none(id=ticket_id)
    if ticket is None:
        raise NotFound
    return ticket


async def screen(ticket: Ticket, actor: Actor) -> TicketOut:
    """Put the ticket screen together."""
    shown = _written(ticket, await _spot_of(ticket), await _facts_of(ticket), actor.locale)
    shown.person = await _whose(actor, ticket)
    return shown


async def _whose(actor: Actor, ticket: Ticket) -> str | None:
    """Name whom a number is for to whoever acts for them: a family has several in its hands."""
    if not isinstance(actor, Citizen) or ticket.person_id in (None, actor.person_id):
        return None
    return masking.name((await identity.person(ticket.person_id)).name)


async def _spot_of(ticket: Ticket) -> Spot:
    if ticket.state in UNFINISHED:
        spot = (await load(ticket.hall_id)).spots.get(ticket.id)
        if spot is not None:
            return spot
    window = None if ticket.window_id is None else (await catalogue.window(ticket.window_id)).name
    return Spot(ticket.state.value, window, 0, None, None, ticket.version)


def _written(ticket: Ticket, spot: Spot, facts: _Facts, locale: str) -> TicketOut:
    return TicketOut(
        id=ticket.id,
        thread_id=ticket.thread_id,
        number=ticket.number,
        kind=kind_name(locale, ticket.skill),
        item=facts.item,
        state=spot.state,
        state_text=text(locale, f"queue.state.{spot.state}"),
        ahead=spot.ahead,
        wait=wait_of(spot.low, spot.high),
        late=ticket.late,
        green=ticket.green is not None,
        booked=ticket.booking_id is not None,
        hall=HallRef(id=ticket.hall_id, name=facts.hall),
        window=spot.window,
        taken_at=ticket.created_at,
        code=ticket.code,
        bring=facts.bring,
        can=["leave"] if ticket.may_give_back() else [],
        version=spot.mark,
    )


def kind_name(locale: str, skill: str) -> str:
    """Say what kind of business a skill is."""
    return find(locale, f"catalogue.skill.{skill}") or skill


def wait_of(low: int | None, high: int | None) -> WaitOut | None:
    """Write a stretch of minutes, if there is one."""
    return None if low is None or high is None else WaitOut(low=low, high=high)


@dataclass(frozen=True, slots=True)
class _Facts:
    """What of a ticket does not change while one looks at it."""

    hall: str
    item: str | None
    bring: list[str]


_facts: dict[tuple[UUID, UUID | None], tuple[float, _Facts]] = {}


async def _facts_of(ticket: Ticket) -> _Facts:
    key = (ticket.hall_id, ticket.item_id)
    known = _facts.get(key)
    if known is None or known[0] < time.monotonic():
        if len(_facts) > 1000:
            _facts.clear()
        hall = await catalogue.hall(ticket.hall_id)
        known = _facts[key] = (time.monotonic() + KEPT_SECONDS, await _facts_at(hall.name, ticket.item_id))
    return known[1]


async def _facts_at(hall: str, item_id: UUID | None) -> _Facts:
    item = None if item_id is None else (await catalogue.items([item_id])).get(item_id)
    if item is None or item.guide_id is None:
        return _Facts(hall, None if item is None else item.name, [])
    content = (await catalogue.guide(item.guide_id)).content
    bring = [material.name for material in content.materials if material.exempt is None and material.when is None]
    return _Facts(hall, item.name, bring)
