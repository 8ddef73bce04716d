"""When a matter ends although nothing was decided: what was booked or begun is over, and nothing else is under way."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Actor, System
from server.features.booking import service as booking
from server.features.cases.models import MOVES, Case, CaseState
from server.features.catalogue import service as catalogue
from server.features.queue import service as queue
from server.features.thread import service as thread
from server.kit import clock

# After a visit the person may still apply under the same number; then the matter has ended by itself.
IDLE_FOR = timedelta(days=30)
LOOKED_BACK = timedelta(days=7)


async def unfinished(thread_id: UUID) -> Case | None:
    """Find the case of a thread that is under way, or granted while the thread still waits for its delivery."""
    going_on = (*MOVES["withdraw"][0], CaseState.GRANTED)
    return await Case.filter(thread_id=thread_id, state__in=going_on).order_by("-created_at").first()


async def end_if_nothing_is_left(thread_id: UUID, actor: Actor) -> bool:
    """Close a thread on which neither a booking, a number nor a case is under way, in the caller's transaction."""
    if await booking.has_live(thread_id) or await queue.has_number(thread_id):
        return False
    if await unfinished(thread_id) is not None:
        return False
    if await thread.has_open_children(thread_id):
        return False
    await thread.close(thread_id, actor)
    return True


@thread.on("booking.cancelled")
@thread.on("booking.declined")
@thread.on("booking.expired")
@thread.on("booking.released")
@thread.on("booking.closed")
@thread.on("queue.joined")
@thread.on("queue.left")
async def _after_no_visit(happening: thread.Recorded) -> None:
    await end_if_nothing_is_left(happening.thread.id, happening.actor)


@thread.on("booking.served")
@thread.on("queue.served")
async def _after_visit(happening: thread.Recorded) -> None:
    # What cannot be applied for online was done at the window.
    item = await catalogue.item(happening.thread.item_id)
    if not item.online:
        await end_if_nothing_is_left(happening.thread.id, happening.actor)


async def close_idle() -> int:
    """Close the matters of visits that were served a month ago, or missed, and led to nothing; say how many."""
    last, yesterday = clock.today() - IDLE_FOR, clock.today() - timedelta(days=1)
    idle = await booking.threads_served(last - LOOKED_BACK, last)
    idle += await queue.threads_served(last - LOOKED_BACK, last)
    missed = await booking.threads_missed(yesterday - LOOKED_BACK, yesterday)
    opened = await thread.many([*idle, *missed])
    closed = 0
    for one in opened.values():
        waited = one.id in missed or one.updated_at < clock.now() - IDLE_FOR
        if waited and one.state is thread.ThreadState.OPEN:
            async with db.tx():
                closed += await end_if_nothing_is_left(one.id, System(name="cases.close_idle"))
    return closed
