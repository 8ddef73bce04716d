"""Clocks: working days from the day table, the start day not counted, the promise never later than the law."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from server import db
from server.features.catalogue import service as catalogue
from server.features.thread.models import Clock, ClockKind, ClockState
from server.features.thread.schemas import ClockView
from server.kit import clock, workdays
from server.kit.ids import new_id

_STOP = "UPDATE clock SET state = 'stopped', stopped_on = $3 WHERE thread_id = $1 AND kind = $2 AND state <> 'stopped'"


@db.transactional
async def start_clock(
    thread_id: UUID, kind: ClockKind, *, promise_days: int, law_days: int, started_on: date | None = None
) -> ClockView:
    """Start a clock of so many working days. A promise longer than the law is cut to the law.

    `started_on` (today when left out) is the day the duty began and does not count.
    """
    start = started_on or clock.today()
    law_on = await catalogue.add_working_days(start, law_days)
    promise_on = await catalogue.add_working_days(start, min(promise_days, law_days))
    row = Clock(
        id=new_id(),
        created_at=clock.now(),
        thread_id=thread_id,
        kind=ClockKind(kind),
        started_on=start,
        promise_on=promise_on,
        law_on=law_on,
        state=ClockState.RUNNING,
    )
    await row.save(force_create=True)
    return await _view(row)


@db.transactional
async def stop_clock(thread_id: UUID, kind: ClockKind, *, on: date | None = None) -> None:
    """Stop a clock: the duty is done. Stopping one that does not run does nothing."""
    await db.execute(_STOP, thread_id, ClockKind(kind).value, on or clock.today())


async def clocks(thread_id: UUID) -> list[ClockView]:
    """List a thread's clocks, the newest last."""
    return [await _view(row) for row in await Clock.filter(thread_id=thread_id).order_by("created_at", "id")]


async def _view(row: Clock) -> ClockView:
    today = clock.today()
    days_left = None
    if row.state is not ClockState.STOPPED:
        first, last = sorted((today, row.promise_on))
        days_left = workdays.between(await catalogue.day_table(first, last), today, row.promise_on)
    return ClockView(
        kind=row.kind,
        started_on=row.started_on,
        promise_on=row.promise_on,
        law_on=row.law_on,
        state=row.state.value,
        days_left=days_left,
        light=row.light(today),
    )
