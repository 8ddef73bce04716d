"""Posters by the hundred: ordered at the desk, drawn by a worker as one PDF, fetched by whoever ordered them.

A worker draws under a lease. One that dies leaves the order to the next, which begins it again; the codes are lasting
ones, so what it draws is the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.ratings.models import PosterOrder, Sheet
from server.features.ratings.service._poster_paper import Poster, Printer
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import new_id

WAKE = "posters"
MOST = 2000
OPEN_MOST = 3
KEPT = timedelta(days=30)
_AT_ONCE = 20
_SHOWN = 20
_FILE_NAMES = {Sheet.HALL: "halls", Sheet.WINDOW: "windows", Sheet.COUNTER: "counters"}

_ORDERS = db.Leased("poster_order", "sheet, base, places")
# Whoever has lost the lease writes nothing any more.
_ON = "UPDATE poster_order SET drawn = $3, lease_until = $4 WHERE id = $1 AND attempt = $2 AND state = 'drawing'"
_DONE = """
UPDATE poster_order SET state = 'done', drawn = cardinality(places), pdf = $3, finished_at = $4, lease_until = NULL
WHERE id = $1 AND attempt = $2 AND state = 'drawing'
"""
_GIVE_BACK = """
UPDATE poster_order SET state = 'waiting', attempt = attempt - 1, drawn = 0, lease_until = NULL
WHERE id = $1 AND attempt = $2 AND state = 'drawing'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """One order as whoever gave it sees it."""

    id: UUID
    sheet: Sheet
    state: str
    drawn: int
    number: int
    at: datetime

    @property
    def running(self) -> bool:
        """Say whether there is more to come."""
        return self.state in ("waiting", "drawing")


@db.transactional
async def order_posters(actor: Staff, sheet: Sheet, hall_id: UUID | None, base: str) -> UUID:
    """Order posters of one hall, or of all within reach. `base` is what addresses begin with.

    Raises NotFound for a hall of somebody else's, Conflict `ratings.no_places`, `ratings.too_many_orders`.
    """
    halls = [hall for hall in await poster_halls(actor) if hall_id in (None, hall.id)]
    if not halls:
        raise NotFound
    if await PosterOrder.filter(staff_id=actor.staff_id, state__in=("waiting", "drawing")).count() >= OPEN_MOST:
        raise Conflict("ratings.too_many_orders", limit=OPEN_MOST)
    places = [hall.id for hall in halls]
    if sheet is not Sheet.HALL:
        places = [window.id for window in await catalogue.windows(*places)]
    if not 0 < len(places) <= MOST:
        raise Conflict("ratings.no_places", limit=MOST)
    order = PosterOrder(id=new_id(), staff_id=actor.staff_id, hall_id=hall_id, sheet=sheet, base=base, places=places)
    await order.save(force_create=True)
    await audit.record(
        actor, "ratings.posters_ordered", "poster_order", order.id, sheet=sheet.value, posters=len(places)
    )
    await db.notify(WAKE)
    return order.id


async def poster_halls(actor: Staff) -> list[catalogue.HallView]:
    """List the halls whose posters somebody may order."""
    within = await _within(actor)
    return [hall for hall in await catalogue.halls() if within is None or hall.id in within]


async def poster_orders(actor: Staff) -> list[OrderView]:
    """List what was ordered within reach, the newest first."""
    rows = PosterOrder.in_reach(actor.staff_id, await _within(actor)).order_by("-created_at").limit(_SHOWN)
    found = await rows.only("id", "sheet", "state", "drawn", "places", "created_at")
    return [
        OrderView(id=it.id, sheet=it.sheet, state=it.state, drawn=it.drawn, number=len(it.places), at=it.created_at)
        for it in found
    ]


async def posters(actor: Staff, order_id: UUID) -> tuple[str, bytes]:
    """Give the file's name and the PDF. Raises NotFound, Conflict `ratings.posters_not_drawn` before it is there."""
    order = await PosterOrder.in_reach(actor.staff_id, await _within(actor)).get_or_none(id=order_id)
    if order is None:
        raise NotFound
    if order.pdf is None:
        raise Conflict("ratings.posters_not_drawn")
    return f"{_FILE_NAMES[order.sheet]}-{order.created_at.astimezone(clock.SHANGHAI):%Y%m%d-%H%M}.pdf", bytes(order.pdf)


@db.transactional
async def withdraw_posters(actor: Staff, hall_id: UUID) -> int:
    """End the codes on every poster of a hall, its windows' and counters' too: what is drawn from now on has new ones.

    Gives how many places it concerns. Raises NotFound for a hall of somebody else's.
    """
    if hall_id not in {hall.id for hall in await poster_halls(actor)}:
        raise NotFound
    places = [hall_id, *(window.id for window in await catalogue.windows(hall_id))]
    for place in places:
        await thread.revoke_codes("place", place)
    await audit.record(actor, "ratings.posters_withdrawn", "hall", hall_id, places=len(places))
    return len(places)


async def _within(actor: Staff) -> tuple[UUID, ...] | None:
    return await catalogue.halls_within(await identity.reach(actor, Role.HALL_MANAGER))


async def draw_posters(stopping: Callable[[], bool]) -> int:
    """Draw the order that waits longest, and give how many were dealt with: one or none."""

    async def draw(row: db.Record) -> None:
        await _draw(row, stopping)

    return await _ORDERS.draw(draw, documents.GlyphMissingError)


async def _draw(row: db.Record, stopping: Callable[[], bool]) -> None:
    fence = (row["id"], row["attempt"])
    printer = Printer(Sheet(row["sheet"]))
    names = await _names(row["places"])
    for start in range(0, len(row["places"]), _AT_ONCE):
        if stopping():
            await db.execute(_GIVE_BACK, *fence)
            return
        some = row["places"][start : start + _AT_ONCE]
        # A window that was taken away meanwhile has no poster; the others have theirs.
        await asyncio.to_thread(printer.add, [await _poster(one, names, row["base"]) for one in some if one in names])
        if await db.execute(_ON, *fence, start + len(some), clock.now() + db.LEASE) != "UPDATE 1":
            return
    await db.execute(_DONE, *fence, await asyncio.to_thread(printer.finish), clock.now())


async def _names(places: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Give hall and window of each place that is still there."""
    named = {hall.id: (hall.name, "") for hall in await catalogue.halls()}
    if not set(places) <= named.keys():
        named |= {one.id: (named[one.hall_id][0], one.name) for one in await catalogue.windows(*named)}
    return named


async def _poster(place_id: UUID, names: dict[UUID, tuple[str, str]], base: str) -> Poster:
    hall, window = names[place_id]
    return Poster(hall=hall, window=window, address=f"{base}/q/{await thread.standing_code('place', place_id)}")


async def forget_posters() -> int:
    """Remove what was printed long ago; gives 0, for a day's round is enough."""
    await PosterOrder.filter(created_at__lt=clock.now() - KEPT).delete()
    return 0
