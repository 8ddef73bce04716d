"""What everybody may see: the hall's screen, and what the hall's QR opens."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection
from datetime import timedelta
from typing import Literal
from uuid import UUID

from server.actor import Actor, Citizen
from server.errors import Conflict
from server.features.booking import service as booking
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.queue import messages
from server.features.queue.models import QueuePolicy
from server.features.queue.schemas import ArrivalOut, AstrayOut, BoardOut, CallOut, ExpectedOut, HallRef, MatterOut
from server.features.queue.service._arrive import hall_of_token
from server.features.queue.service._board import Board, load
from server.features.queue.service._live import watched
from server.features.queue.service._panel import kinds_out
from server.features.queue.service._policy import kinds_of, offered, policy_of
from server.features.queue.service._ticket import unfinished
from server.features.queue.service._view import screen
from server.kit import clock
from server.kit.spoken import told

# What is asked for is another list by the day, not by the scan.
KEPT_SECONDS = 60.0
LISTED = 12
# So long a call stands large on the screen.
LARGE = timedelta(minutes=2)
BEAT_SECONDS = 15.0


async def board(actor: Actor, hall_id: UUID, version: int = 0, wait: int = 0) -> BoardOut:
    """Show the hall's screen, at once or as soon as it is another one."""
    hall = await catalogue.hall(hall_id)
    if not wait:
        return _board(actor.locale, hall, await load(hall_id))
    async with watched(hall_id) as room:
        seen = room.board or await load(hall_id)
        if seen.mark == version:
            seen = await room.next(seen, wait)
        return _board(actor.locale, hall, seen)


async def boards(actor: Actor, hall_id: UUID) -> AsyncIterator[BoardOut]:
    """Give the hall's screen now, with every change, and every few seconds without one, while somebody looks."""
    hall = await catalogue.hall(hall_id)
    async with watched(hall_id) as room:
        seen = room.board or await load(hall_id)
        while True:
            yield _board(actor.locale, hall, seen)
            seen = await room.next(seen, BEAT_SECONDS)


def _board(locale: str, hall: catalogue.HallView, seen: Board) -> BoardOut:
    return BoardOut(
        hall=HallRef(id=hall.id, name=hall.name),
        calls=[
            CallOut(
                number=call.number,
                window=call.window,
                calls=call.calls,
                called_at=call.called_at,
                until=call.called_at + LARGE if call.state == "called" else None,
            )
            for call in seen.calls
        ],
        kinds=kinds_out(locale, seen),
        waiting=seen.waiting,
        at=clock.now(),
        version=seen.mark,
    )


async def arrival(actor: Actor, token: str) -> ArrivalOut:
    """Show what the hall's QR opens: my visits of today, my number, and the numbers one can take."""
    scanned = await hall_of_token(token)
    hall = await catalogue.hall(scanned.hall_id)
    policy = await policy_of(hall.id)
    known = isinstance(actor, Citizen) and actor.person_id is not None
    expected, astray, tickets = [], [], []
    if isinstance(actor, Citizen):
        parties = await identity.parties(actor, identity.Scope.VISITS)
        tickets = [await screen(ticket, actor) for ticket in await unfinished(hall.id, parties.person_ids)]
        visits = await booking.todays_confirmed(actor)
        expected = await _expected([one for one in visits if one.booking.hall_id == hall.id], policy)
        elsewhere = [one for one in visits if one.booking.hall_id != hall.id]
        unanswered = [one for one in await booking.todays_unanswered(actor) if one.booking.hall_id == hall.id]
        astray = [*await _astray(elsewhere, "other_hall"), *await _astray(unanswered, "unanswered")]
    open_kinds: Collection[str] = ()
    closed = None
    try:
        open_kinds = await offered(hall, policy)
    except Conflict as refused:
        closed = told(actor.locale, f"errors.{refused.code}", refused.params)
    kinds = kinds_out(actor.locale, await load(hall.id))
    return ArrivalOut(
        hall=HallRef(id=hall.id, name=hall.name),
        hours_text=hall.hours_text,
        known=known,
        expected=expected,
        astray=astray,
        tickets=tickets,
        kinds=[kind for kind in kinds if kind.skill in open_kinds],
        items=[one for one in await _items(hall) if one.skill in open_kinds],
        closed=closed,
        green_age=policy.green_age,
        ask=await push.templates_for(actor, *messages.NEXT),
        at_door=scanned.at_door or not policy.at_door,
    )


_known_items: dict[UUID, tuple[float, list[MatterOut]]] = {}


async def _items(hall: catalogue.HallView) -> list[MatterOut]:
    known = _known_items.get(hall.id)
    if known is None or known[0] < time.monotonic():
        found = await catalogue.items_at(hall.key, await kinds_of(hall.id), LISTED)
        written = [MatterOut(id=one.id, name=one.name, skill=one.skill) for one in found if one.skill]
        known = _known_items[hall.id] = (time.monotonic() + KEPT_SECONDS, written)
    return known[1]


async def _expected(visits: list[booking.Visit], policy: QueuePolicy) -> list[ExpectedOut]:
    items = await catalogue.items({one.booking.item_id for one in visits})
    return [
        ExpectedOut(
            booking_id=one.booking.id,
            item=items[one.booking.item_id].name,
            starts_at=one.starts_at,
            opens_at=policy.opens_at(one.starts_at),
            open=policy.opens_at(one.starts_at) <= clock.now(),
        )
        for one in visits
    ]


async def _astray(visits: list[booking.Visit], why: Literal["other_hall", "unanswered"]) -> list[AstrayOut]:
    items = await catalogue.items({one.booking.item_id for one in visits})
    return [
        AstrayOut(
            booking_id=one.booking.id,
            item=items[one.booking.item_id].name,
            hall=(await catalogue.hall(one.booking.hall_id)).name,
            starts_at=one.starts_at,
            why=why,
        )
        for one in visits
    ]
