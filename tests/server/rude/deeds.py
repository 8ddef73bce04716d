"""What may be cut short: each with the scene it needs, the deed, and how to look at what became of it.

A scene is ids as JSON, so that another process can look at it and do the deed again. Everything else is wiped first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from server import db
from server.actor import Citizen
from server.errors import Conflict
from server.features.booking import service as booking
from server.features.booking.schemas import BookIn, SlotOut, WaitIn
from server.features.identity import service as identity
from server.features.queue import service as queue
from server.features.queue.routes import check_in, walk_in
from server.features.queue.schemas import CheckInIn, WalkInIn
from server.kit import clock
from server.web import Claim
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, book, bookable
from tests.factories.identity import citizen, staff
from tests.factories.queue import grown_up
from tests.server.booking.plain.town import _USED
from tests.server.rude import handing_in

Scene = dict[str, Any]
_WIPED = (*_USED, "attempt", "inbox", "outbox", "appeal", "week_plan", "hall_device", "window_duty", *handing_in.WIPED)
# Everything a deed may leave, counted: a thing done twice or by halves shows in one of these.
_LEFT = {
    "bookings": "SELECT state AS name, count(*) FROM booking GROUP BY 1",
    "tickets": "SELECT state AS name, count(*) FROM ticket GROUP BY 1",
    "waits": "SELECT state AS name, count(*) FROM waitlist GROUP BY 1",
    "steps": "SELECT name, count(*) FROM step GROUP BY 1",
    "inbox": "SELECT kind AS name, count(*) FROM inbox GROUP BY 1",
    "outbox": "SELECT template || ' ' || state AS name, count(*) FROM outbox GROUP BY 1",
    "taken": "SELECT 'all' AS name, sum(taken) AS count FROM slot",
    "closed": "SELECT 'all' AS name, count(*) FROM slot WHERE closed",
    "numbers": "SELECT prefix AS name, sum(last) AS count FROM ticket_counter GROUP BY 1",
    "answers": "SELECT 'all' AS name, count(*) FROM idempotency_key",
    **handing_in.LEFT,
}


@dataclass(frozen=True, slots=True)
class Deed:
    """One row of the matrix. `do` is what is cut short, and what is done again afterwards; it says what it was told."""

    scene: Callable[[], Awaitable[Scene]]
    do: Callable[[Scene], Awaitable[str]]

    async def look(self, _scene: Scene) -> dict[str, dict[str, int]]:
        """Count what is there."""
        left = {what: await db.fetch(sql) for what, sql in _LEFT.items()}
        return {what: {row["name"]: int(row["count"] or 0) for row in rows} for what, rows in left.items()}


async def _place() -> tuple[Bookable, list[SlotOut]]:
    """Wipe what others left, and open a hall. Its hours are around the clock; gives today's coming times."""
    async with db.tx() as connection:
        await connection.execute("SET LOCAL session_replication_role = replica")
        for table in dict.fromkeys(_WIPED):
            await connection.execute(f"DELETE FROM {table}")
    place = await bookable(confirmation="auto", capacity=1, minutes=60)
    await queue.set_policy(place.hall.id, every_day=True, walk_in_from=0, walk_in_until=1440)
    coming = [slot for slot in await place.slots() if slot.starts_at > clock.now()]
    return place, [slot for slot in coming if slot.starts_at.date() == coming[0].starts_at.date()]


async def _somebody() -> tuple[Citizen, str]:
    known = await citizen(born=grown_up())
    return known.actor, known.token


async def _again(token: str) -> Citizen:
    actor = await identity.resolve_bearer(token)
    assert actor is not None
    return actor


def _claim(actor: Citizen, key: str) -> Claim:
    return Claim(owner=f"citizen:{actor.account_id}", key=key, fingerprint=b"cut short")


# --- a call ---------------------------------------------------------------------------------------------------------


async def _line() -> Scene:
    place, _ = await _place()
    clerk = await staff("clerk", hall=place.hall.id)
    window = await make.window(place.hall, 1)
    door = await queue.hall_token(place.hall.id)
    for _ in range(5):
        actor, _token = await _somebody()
        await queue.walk_in(actor, WalkInIn(token=door, skill="general", item_id=place.item_id))
    return {"clerk": clerk.cookie, "window": str(window.id)}


async def _call(scene: Scene) -> str:
    clerk = await identity.resolve_staff(scene["clerk"])
    assert clerk is not None
    try:
        await queue.call_next(clerk, UUID(scene["window"]))
    except Conflict as refused:
        # Called before the cut: the window has its number, and nobody is called over the head of whoever comes.
        return refused.code
    return "called"


# --- arriving, with a key -------------------------------------------------------------------------------------------


async def _expected() -> Scene:
    place, slots = await _place()
    actor, token = await _somebody()
    await book(actor, BookIn(item_id=place.item_id, slot_id=slots[0].id))
    return {"token": token, "door": await queue.hall_token(place.hall.id)}


async def _arrive(scene: Scene) -> str:
    actor = await _again(scene["token"])
    answer = await check_in(actor, CheckInIn(token=scene["door"]), _claim(actor, "check-in-key"))
    return "an old answer" if answer.replayed else "a new answer"


async def _outside() -> Scene:
    place, _ = await _place()
    _, token = await _somebody()
    return {"token": token, "door": await queue.hall_token(place.hall.id), "item": str(place.item_id)}


async def _take(scene: Scene) -> str:
    actor = await _again(scene["token"])
    wish = WalkInIn(token=scene["door"], skill="general", item_id=UUID(scene["item"]))
    answer = await walk_in(actor, wish, _claim(actor, "walk-in-key"))
    return "an old answer" if answer.replayed else "a new answer"


# --- a hold that ends, with nobody and with somebody in line ----------------------------------------------------------

_END = "UPDATE booking SET hold_until = $1 WHERE state = 'held'"


async def _held() -> Scene:
    place, slots = await _place()
    actor, _ = await _somebody()
    await book(actor, BookIn(item_id=place.item_id, slot_id=slots[-1].id, hold=True))
    await db.execute(_END, clock.now() - timedelta(hours=1))
    return {}


async def _queued() -> Scene:
    place, slots = await _place()
    await db.execute("UPDATE slot SET capacity = 0, closed = true WHERE id <> $1 AND taken = 0", slots[-1].id)
    holder, _ = await _somebody()
    await book(holder, BookIn(item_id=place.item_id, slot_id=slots[-1].id, hold=True))
    for _ in range(2):
        waiter, _ = await _somebody()
        await booking.wait(waiter, WaitIn(item_id=place.item_id, hall_id=place.hall.id, day=clock.today()))
    await db.execute(_END, clock.now() - timedelta(hours=1))
    return {}


async def _release(_scene: Scene) -> str:
    return str(await booking.release_ended())


# --- a closure ------------------------------------------------------------------------------------------------------


async def _booked() -> Scene:
    place, slots = await _place()
    manager = await staff("hall_manager", hall=place.hall.id)
    for slot in slots[-2:]:
        actor, _ = await _somebody()
        await book(actor, BookIn(item_id=place.item_id, slot_id=slot.id))
    return {"manager": manager.cookie, "hall": str(place.hall.id), "day": clock.today().isoformat()}


async def _shut(scene: Scene) -> str:
    """A manager who was not answered looks first; who is told is the worker's work, which goes on by itself."""
    manager = await identity.resolve_staff(scene["manager"])
    assert manager is not None
    hall, day = UUID(scene["hall"]), date.fromisoformat(scene["day"])
    if not await booking.changes_of(manager, hall):
        change = booking.HallChange(
            hall_id=hall, kind="closed", first_on=day, last_on=day, weekdays=list(range(7)), reason="停电"
        )
        await booking.change_hall(manager, change)
    await booking.move_closed()
    return "closed"


# --- an application -------------------------------------------------------------------------------------------------


async def _written() -> Scene:
    await _place()
    return await handing_in.begun()


DEEDS = {
    "an application": Deed(_written, handing_in.hand_in),
    "an application beside others": Deed(_written, handing_in.hand_in_beside),
    "a call": Deed(_line, _call),
    "a check-in": Deed(_expected, _arrive),
    "a number at the door": Deed(_outside, _take),
    "a hold that ends": Deed(_held, _release),
    "an offer to who waits": Deed(_queued, _release),
    "a closure": Deed(_booked, _shut),
}
