"""Which days are worked: kept as rows an operator can correct, first filled from published calendars."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import chinese_calendar
import msgspec

from server import db
from server.errors import InvalidInput
from server.features.audit import service as audit
from server.features.catalogue.schemas import CalendarDay, HolidayPreview, HolidayReport
from server.features.catalogue.service import _authority
from server.kit import clock, workdays
from server.kit.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server.actor import Actor

CALENDAR = "chinesecalendar"
WEEKDAY = "weekday"
LOCAL = "local"
_SATURDAY = 5
_FILE_BYTES = 1_000_000

# A notice outranks the calendar package and the bare weekday; what an operator set by hand outranks every file. A
# notice speaks by name for single days of the year before, so only its own named days may replace another's.
_UPSERT = """
INSERT INTO calendar_day AS d (id, created_at, day, working, name, source, provisional)
SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::date[], $4::bool[], $5::text[], $6::text[], $7::bool[])
ON CONFLICT (day) DO UPDATE SET working = excluded.working, name = excluded.name, source = excluded.source,
    provisional = excluded.provisional
WHERE (d.working, d.name, d.source, d.provisional)
        IS DISTINCT FROM (excluded.working, excluded.name, excluded.source, excluded.provisional)
    AND CASE WHEN excluded.source = 'weekday' THEN false
             WHEN excluded.source = 'chinesecalendar' THEN d.source = 'weekday'
             ELSE d.source IN ('weekday', 'chinesecalendar', excluded.source)
                  OR (d.source <> 'local' AND excluded.name IS NOT NULL)
        END
"""


class _NamedDay(msgspec.Struct, rename={"off": "isOffDay"}):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    date: date
    off: bool


class _Notice(msgspec.Struct):
    year: Annotated[int, msgspec.Meta(ge=2000, le=2100)]
    days: Annotated[list[_NamedDay], msgspec.Meta(min_length=1, max_length=120)]


async def calendar_days(first: date, last: date) -> list[CalendarDay]:
    """List the days of a range. A day without a row goes by published calendars, then by its weekday."""
    rows = await db.fetch(
        "SELECT day, working, name, source, provisional FROM calendar_day WHERE day BETWEEN $1 AND $2", first, last
    )
    known = {row["day"]: CalendarDay(**row) for row in rows}
    return [known.get(day) or _published(day) for day in _days(first, last)]


async def day_table(first: date, last: date) -> dict[date, bool]:
    """Give the day table of a range, for `kit.workdays`."""
    return {one.day: one.working for one in await calendar_days(first, last)}


async def is_working_day(day: date) -> bool:
    """Say whether offices work on a day."""
    return (await day_table(day, day))[day]


async def add_working_days(day: date, count: int) -> date:
    """Give the working day on which `count` working days after `day` are over."""
    return workdays.add(await day_table(day, workdays.span(day, count)), day, count)


@db.transactional
async def set_day(actor: Actor, day: date, *, working: bool, name: str) -> None:
    """Decide a day by hand: a local holiday, an emergency closure. No file changes it afterwards. Raises Forbidden."""
    await _authority.require(actor, None)
    await db.execute(
        "INSERT INTO calendar_day (id, created_at, day, working, name, source) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (day) DO UPDATE SET working = $4, name = $5, source = $6, provisional = false",
        new_id(), clock.now(), day, working, name, LOCAL,
    )  # fmt: skip
    await audit.record(actor, "catalogue.day_set", "calendar_day", None, day=day.isoformat(), working=int(working))


@db.transactional
async def seed_calendar() -> int:
    """Write down every published year and the next two, these provisional. Gives the rows changed."""
    first, last = _coverage()
    until = date(max(last.year, clock.today().year + 2), 12, 31)
    return await _write(_published(day) for day in _days(first, until))


async def import_holidays(actor: Actor, path: Path) -> HolidayReport:
    """Take a State Council notice from a file. Raises as `take_holidays`."""
    return await take_holidays(actor, _content(path), path.name)


@db.transactional
async def take_holidays(actor: Actor, content: bytes, name: str) -> HolidayReport:
    """Take a State Council notice (JSON: year, days of name, date, isOffDay). Twice is as good as once.

    Raises InvalidInput with one reason, in which `name` says which file; Forbidden.
    """
    await _authority.require(actor, None)
    notice = _read(content, name)
    days = _days_of(notice)
    changed = await _write(days)
    await audit.record(actor, "catalogue.holidays_imported", "calendar_day", None, year=notice.year, changed=changed)
    return HolidayReport(years=[notice.year], named=len(notice.days), changed=changed)


async def preview_holidays(actor: Actor, content: bytes, name: str) -> HolidayPreview:
    """Show what a notice would change, and change nothing. Raises as `take_holidays`."""
    await _authority.require(actor, None)
    notice = _read(content, name)
    wanted = {one.day: one for one in _days_of(notice)}
    first, last = min(wanted), max(wanted)
    changes: list[tuple[CalendarDay, CalendarDay]] = []
    for before in await calendar_days(first, last):
        after = wanted.get(before.day)
        if (
            after is not None
            and _outranks(after, before)
            and (before.working, before.name) != (after.working, after.name)
        ):
            changes.append((before, after))
    return HolidayPreview(year=notice.year, named=len(notice.days), changes=changes)


def _outranks(after: CalendarDay, before: CalendarDay) -> bool:
    """As `_UPSERT` decides between a notice and what is there."""
    if before.source in (WEEKDAY, CALENDAR, after.source):
        return True
    return before.source != LOCAL and after.name is not None


def _days_of(notice: _Notice) -> list[CalendarDay]:
    source = f"notice:{notice.year}"
    named = {one.date: CalendarDay(day=one.date, working=not one.off, name=one.name, source=source, provisional=False)
             for one in notice.days}  # fmt: skip
    plain = (
        CalendarDay(day=day, working=day.weekday() < _SATURDAY, name=None, source=source, provisional=False)
        for day in _days(date(notice.year, 1, 1), date(notice.year, 12, 31))
        if day not in named
    )
    return [*named.values(), *plain]


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _FILE_BYTES:
            raise InvalidInput("catalogue.holidays_unreadable", file=path.name)
        return path.read_bytes()
    except OSError as missing:
        raise InvalidInput("catalogue.file_missing", file=path.name) from missing


def _read(content: bytes, name: str) -> _Notice:
    try:
        notice = msgspec.json.decode(content, type=_Notice)
    except (msgspec.DecodeError, UnicodeDecodeError, json.JSONDecodeError) as broken:
        raise InvalidInput("catalogue.holidays_unreadable", file=name) from broken
    dates = [one.date for one in notice.days]
    if len(set(dates)) != len(dates) or any(not notice.year - 1 <= day.year <= notice.year + 1 for day in dates):
        raise InvalidInput("catalogue.holidays_wrong_days", file=name, year=notice.year)
    return notice


async def _write(days: Iterable[CalendarDay]) -> int:
    rows = list(days)
    now: datetime = clock.now()
    tag = await db.execute(
        _UPSERT,
        [new_id() for _ in rows],
        [now] * len(rows),
        [one.day for one in rows],
        [one.working for one in rows],
        [one.name for one in rows],
        [one.source for one in rows],
        [one.provisional for one in rows],
    )
    return int(tag.rsplit(" ", 1)[1])


def _coverage() -> tuple[date, date]:
    known = chinese_calendar.constants.holidays
    return date(min(known).year, 1, 1), date(max(known).year, 12, 31)


def _published(day: date) -> CalendarDay:
    first, last = _coverage()
    if not first <= day <= last:
        return CalendarDay(day=day, working=day.weekday() < _SATURDAY, name=None, source=WEEKDAY, provisional=True)
    _, holiday = chinese_calendar.get_holiday_detail(day)
    name = chinese_calendar.Holiday(holiday).chinese if holiday else None
    return CalendarDay(day=day, working=chinese_calendar.is_workday(day), name=name, source=CALENDAR, provisional=False)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]
