"""What is watched (红黄灯): everything that runs on a clock, whichever feature keeps it, counted and listed one way.

The owner says in one statement which of its rows are open and how each stands; nobody else reads its tables.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from server import db
from server.features.thread.service._measuring import real
from server.kit import clock

Terms = Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One kind of matter. `open` selects `id, thread_id, number, department_id, hall_id, due_on, turns_on, light`.

    `$1` is today. `turns_on` is the last day of the present light, none for what is red or stands still. `number` is
    given where it has one of its own; that of its thread is told only if `numbered`. `terms` gives, as JSON, what the
    statement reads as `(SELECT terms FROM terms)`.
    """

    kind: str
    open: str
    numbered: bool = True
    terms: Terms | None = None


class Watcher(NamedTuple):
    """How far somebody sees; None is everything."""

    halls: tuple[UUID, ...] | None
    departments: tuple[UUID, ...] | None


EVERYWHERE = Watcher(None, None)


class Lit(NamedTuple):
    """So many of one place with one light; `turning` of them change it unless they are done today."""

    department_id: UUID | None
    hall_id: UUID | None
    light: str
    number: int
    turning: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedRow:
    """One matter, without whose it is. `thread_id` is told where the number is."""

    id: UUID
    thread_id: UUID | None
    number: str | None
    title: str | None
    department_id: UUID | None
    hall_id: UUID | None
    due_on: date
    turns_on: date | None
    light: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which of a kind: of one light, those that turn today, of one department or hall, of a region's places; or one."""

    light: str = ""
    turning: bool = False
    department_id: UUID | None = None
    hall_id: UUID | None = None
    within: Watcher = EVERYWHERE
    id: UUID | None = None


_watched: dict[str, Watch] = {}

_SEEN = "($3::uuid[] IS NULL OR o.hall_id = ANY($3) OR o.department_id = ANY($4::uuid[]))"
_COUNTED = f"""
WITH terms AS (SELECT $2::text::jsonb AS terms)
SELECT o.department_id, o.hall_id, o.light, count(*) AS number, count(*) FILTER (WHERE o.turns_on = $1) AS turning
FROM ({{open}}) AS o WHERE {_SEEN} AND {real("o.thread_id")} GROUP BY o.department_id, o.hall_id, o.light
"""  # noqa: S608 - what is formatted in is the owner's own statement, never a value
_LISTED = f"""
WITH terms AS (SELECT $2::text::jsonb AS terms)
SELECT o.id, CASE WHEN $5 THEN o.thread_id END AS thread_id,
    CASE WHEN $5 THEN coalesce(o.number, t.number) END AS number, t.title, o.department_id, o.hall_id,
    o.due_on, o.turns_on, o.light
FROM (SELECT o.* FROM ({{open}}) AS o
    WHERE {_SEEN} AND {real("o.thread_id")} AND ($6 = '' OR o.light = $6) AND (NOT $7 OR o.turns_on = $1)
        AND ($8::uuid IS NULL OR o.department_id = $8) AND ($9::uuid IS NULL OR o.hall_id = $9)
        AND ($10::uuid[] IS NULL OR o.hall_id = ANY($10) OR o.department_id = ANY($11::uuid[]))
        AND ($14::uuid IS NULL OR o.id = $14)
    ORDER BY o.due_on, o.id LIMIT $12 OFFSET $13) AS o
LEFT JOIN thread t ON t.id = o.thread_id ORDER BY o.due_on, o.id
"""  # noqa: S608 - as above


def watch(one: Watch) -> None:
    """Have a kind of matter watched. Raises ValueError for one that is watched already."""
    if one.kind in _watched:
        msg = f"{one.kind} is watched already"
        raise ValueError(msg)
    _watched[one.kind] = one


def watched() -> dict[str, Watch]:
    """List what is watched, by name."""
    return dict(sorted(_watched.items()))


async def lights(kind: str, watcher: Watcher) -> list[Lit]:
    """Count what is open of a kind by place and light."""
    one = _watched[kind]
    rows = await db.fetch(_COUNTED.format(open=one.open), clock.today(), await _terms(one), *watcher)
    return [Lit(*row) for row in rows]


async def lit(kind: str, watcher: Watcher, sought: Sought, *, limit: int, skip: int = 0) -> list[WatchedRow]:
    """List what is sought of a kind, the longest due first."""
    one = _watched[kind]
    rows = await db.fetch(
        _LISTED.format(open=one.open), clock.today(), await _terms(one), *watcher, one.numbered, sought.light,
        sought.turning, sought.department_id, sought.hall_id, *sought.within, limit, skip,
        sought.id,
    )  # fmt: skip
    return [WatchedRow(**row) for row in rows]


async def _terms(one: Watch) -> str:
    return "{}" if one.terms is None else await one.terms()
