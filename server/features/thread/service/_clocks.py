"""Clocks: working days from the day table, the start day not counted, the promise never later than the law."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from server import db
from server.errors import Conflict
from server.features.catalogue import service as catalogue
from server.features.thread.models import Clock, ClockKind, ClockState
from server.features.thread.schemas import ClockView
from server.kit import clock, workdays
from server.kit.ids import new_id

_STOP = """
    UPDATE clock SET state = 'stopped', stopped_on = $3, paused_on = NULL
    WHERE thread_id = $1 AND kind = $2 AND state <> 'stopped'
"""


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
    return _view(row, await _days((row,)))


@db.transactional
async def stop_clock(thread_id: UUID, kind: ClockKind, *, on: date | None = None) -> None:
    """Stop a clock: the duty is done. Stopping one that does not run does nothing."""
    await db.execute(_STOP, thread_id, ClockKind(kind).value, on or clock.today())


@db.transactional
async def pause_clock(thread_id: UUID, kind: ClockKind) -> ClockView:
    """Let a clock stand still from the end of today. Raises Conflict `thread.clock_not_running`."""
    row = await _live(thread_id, kind, ClockState.RUNNING)
    row.state, row.paused_on = ClockState.PAUSED, clock.today()
    await row.save(update_fields=["state", "paused_on"])
    return _view(row, await _days((row,)))


@db.transactional
async def resume_clock(thread_id: UUID, kind: ClockKind, *, until: date | None = None) -> ClockView:
    """Let a clock go on: `until` (today, when left out) is the last day that does not count.

    Each of its two days moves on by the working days it stood still; one that had passed before stays where it was.
    Raises Conflict `thread.clock_not_paused`.
    """
    row = await _live(thread_id, kind, ClockState.PAUSED)
    assert row.paused_on is not None  # noqa: S101 - clock_pause_check
    last = until or clock.today()
    days = await catalogue.day_table(row.started_on, max(row.law_on, last))
    for name in ("promise_on", "law_on"):
        left = workdays.between(days, row.paused_on, getattr(row, name))
        if left > 0:
            setattr(row, name, await catalogue.add_working_days(last, left))
    row.state, row.paused_on = ClockState.RUNNING, None
    await row.save(update_fields=["state", "paused_on", "promise_on", "law_on"])
    return _view(row, await _days((row,)))


@db.transactional
async def extend_clock(thread_id: UUID, kind: ClockKind, days: int) -> ClockView:
    """Give a running clock more working days, on both of its days. Raises Conflict `thread.clock_not_running`."""
    row = await _live(thread_id, kind, ClockState.RUNNING)
    row.promise_on = await catalogue.add_working_days(row.promise_on, days)
    row.law_on = await catalogue.add_working_days(row.law_on, days)
    await row.save(update_fields=["promise_on", "law_on"])
    return _view(row, await _days((row,)))


async def _live(thread_id: UUID, kind: ClockKind, state: ClockState) -> Clock:
    row = await Clock.filter(thread_id=thread_id, kind=ClockKind(kind), state=state).select_for_update().get_or_none()
    if row is None:
        raise Conflict(f"thread.clock_not_{state.value}")
    return row


async def clocks(thread_id: UUID) -> list[ClockView]:
    """List a thread's clocks, the newest last."""
    return (await clocks_of((thread_id,))).get(thread_id, [])


async def clocks_of(thread_ids: Collection[UUID]) -> dict[UUID, list[ClockView]]:
    """List the clocks of many threads, the newest last: one look at them and one at the days, however many."""
    rows = await Clock.filter(thread_id__in=thread_ids).order_by("created_at", "id")
    days = await _days(rows)
    found: dict[UUID, list[ClockView]] = {}
    for row in rows:
        found.setdefault(row.thread_id, []).append(_view(row, days))
    return found


async def overdue(kind: ClockKind) -> list[UUID]:
    """Name the threads on which a duty still waits after the law's last day for it, the longest waiting first."""
    rows = Clock.filter(kind=ClockKind(kind), state=ClockState.RUNNING, law_on__lt=clock.today()).order_by("law_on")
    threads: list[UUID] = await rows.values_list("thread_id", flat=True)  # type: ignore[assignment]
    return threads


async def _days(rows: Collection[Clock]) -> dict[date, bool]:
    ends = [row.promise_on for row in rows if row.state is not ClockState.STOPPED]
    if not ends:
        return {}
    begins = [row.paused_on for row in rows if row.paused_on is not None]
    today = clock.today()
    return await catalogue.day_table(min(today, *ends, *begins), max(today, *ends))


def _view(row: Clock, days: dict[date, bool]) -> ClockView:
    today = clock.today()
    running = row.state is not ClockState.STOPPED
    days_left = workdays.between(days, row.paused_on or today, row.promise_on) if running else None
    return ClockView(
        kind=row.kind,
        started_on=row.started_on,
        promise_on=row.promise_on,
        law_on=row.law_on,
        state=row.state.value,
        days_left=days_left,
        light=row.light(today),
        paused_on=row.paused_on,
    )
