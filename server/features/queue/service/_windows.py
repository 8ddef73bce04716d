"""Who sits at which window: a window can pause or change hands, and nobody who stands there is lost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import Conflict
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import WindowView
from server.features.queue.models import Ticket, TicketState
from server.features.queue.service import _live
from server.features.queue.service._policy import check_hall
from server.kit import clock

# Yesterday's duty binds nobody; today's binds until it is handed over.
SIT_DOWN = """
INSERT INTO window_duty (window_id, hall_id, staff_id, day, since) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (window_id) DO UPDATE SET staff_id = $3, day = $4, since = $5, paused = false
    WHERE window_duty.day < $4
RETURNING window_id
"""
MINE = "SELECT window_id FROM window_duty WHERE staff_id = $1 AND hall_id = $2 AND day = $3 ORDER BY since DESC LIMIT 1"
DUTY = "SELECT staff_id, since, paused FROM window_duty WHERE window_id = $1 AND day = $2"
PAUSE = "UPDATE window_duty SET paused = true WHERE window_id = $1 AND day = $2"
REOPEN = "UPDATE window_duty SET paused = false WHERE window_id = $1 AND day = $2"
TAKE_OVER = """
INSERT INTO window_duty (window_id, hall_id, staff_id, day, since) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (window_id) DO UPDATE SET staff_id = $3, day = $4, since = $5, paused = false
"""
HAND_ON = """
UPDATE ticket SET served_by = $2 WHERE window_id = $1 AND day = $3 AND state IN ('called', 'serving', 'held')
"""


@dataclass(frozen=True, slots=True)
class Duty:
    """Who sits at a window today. `mine` is whether it is the one who asks."""

    mine: bool
    since: datetime
    paused: bool


async def window_of(actor: Staff, hall_id: UUID) -> UUID | None:
    """Say at which window of a hall the actor sits today, if at any."""
    found: UUID | None = await db.fetchval(MINE, actor.staff_id, hall_id, clock.today())
    return found


async def duty_of(actor: Staff, window_id: UUID) -> Duty | None:
    """Look up who sits at a window; None while nobody has called from it today."""
    row = await db.fetchrow(DUTY, window_id, clock.today())
    return None if row is None else Duty(row["staff_id"] == actor.staff_id, row["since"], row["paused"])


async def sit_down(actor: Staff, window: WindowView) -> None:
    """Take a window that nobody has. Refuses: `queue.window_taken`, `queue.window_paused`."""
    now, today = clock.now(), clock.today()
    if await db.fetchval(SIT_DOWN, window.id, window.hall_id, actor.staff_id, today, now) is not None:
        return
    duty = await duty_of(actor, window.id)
    if duty is not None and not duty.mine:
        raise Conflict("queue.window_taken", window=window.name)
    if duty is not None and duty.paused:
        raise Conflict("queue.window_paused", window=window.name)


@db.transactional
async def pause(actor: Staff, window_id: UUID) -> None:
    """Pause a window: whoever was called there and has not come goes back to their place; who is served stays."""
    window = await catalogue.window(window_id)
    await check_hall(actor, window.hall_id)
    await db.fetchval(SIT_DOWN, window_id, window.hall_id, actor.staff_id, clock.today(), clock.now())
    await db.execute(PAUSE, window_id, clock.today())
    called = await Ticket.get_or_none(window_id=window_id, state=TicketState.CALLED)
    if called is not None:
        await called.move("put_back", window_id=None)
    await audit.record(actor, "queue.window_paused", "window", window_id)
    await _live.changed(window.hall_id)


@db.transactional
async def reopen(actor: Staff, window_id: UUID) -> None:
    """Go on calling from a window."""
    window = await catalogue.window(window_id)
    await check_hall(actor, window.hall_id)
    await db.execute(REOPEN, window_id, clock.today())
    await audit.record(actor, "queue.window_reopened", "window", window_id)
    await _live.changed(window.hall_id)


@db.transactional
async def take_over(actor: Staff, window_id: UUID) -> None:
    """Take a window over from a colleague, with everybody who stands or is held there."""
    window = await catalogue.window(window_id)
    await check_hall(actor, window.hall_id)
    await db.execute(TAKE_OVER, window_id, window.hall_id, actor.staff_id, clock.today(), clock.now())
    await db.execute(HAND_ON, window_id, actor.staff_id, clock.today())
    await audit.record(actor, "queue.window_taken_over", "window", window_id)
    await _live.changed(window.hall_id)
