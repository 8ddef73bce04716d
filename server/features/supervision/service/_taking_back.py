"""A walk has ended: what its test person has open is taken back, by the deeds that anybody has on a phone."""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import suppress
from uuid import UUID

from server import db
from server.actor import Citizen
from server.errors import Conflict, NotFound
from server.features.booking import service as booking
from server.features.cases import service as cases
from server.features.complaints import service as complaints
from server.features.identity import service as identity
from server.features.queue import service as queue
from server.features.thread import service as thread
from server.kit.paging import PageQuery
from server.kit.texts import SOURCE

# More than one walk makes; what lies beyond ends by itself, as it does for anybody.
_MOST = 100


async def take_back(person_id: UUID, walk: str) -> None:
    """Take everything back in the caller's transaction; why stands on each timeline.

    What cannot be taken back any more is left: somebody at a window is let go there, what was decided has ended.
    """
    actor = await identity.as_test_person(person_id, SOURCE)
    if actor is None:
        return
    matters = [one for one in await thread.newest_of(actor, _MOST) if one.state is thread.ThreadState.OPEN]
    for one in matters:
        await thread.record(one.id, "supervision.walk_ended", actor, walk=walk)
    await _if_it_can_be(queue.leave_all(actor))
    await _bookings(actor)
    for one in matters:
        case = await cases.of_thread(actor, one.id)
        if case is not None:
            await _if_it_can_be(cases.withdraw(actor, case.id))
    for line in (await complaints.mine(actor, PageQuery(limit=_MOST))).items:
        if line.open:
            await _if_it_can_be(complaints.withdraw(actor, line.token))


async def _bookings(actor: Citizen) -> None:
    for held in (await booking.mine(actor, booking.BookingsQuery(limit=_MOST))).items:
        await _if_it_can_be(booking.cancel(actor, held.id))
    for waiting in (await booking.waits(actor)).items:
        await _if_it_can_be(booking.leave(actor, waiting.id))


async def _if_it_can_be(deed: Awaitable[object]) -> None:
    with suppress(Conflict, NotFound):
        async with db.savepoint():
            await deed
