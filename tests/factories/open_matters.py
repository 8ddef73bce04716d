"""Matters on their clocks, as rows: so many that no test could bring them all on by the door."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from server import db
from server.kit import clock
from server.kit.ids import new_id
from tests.factories import catalogue as make
from tests.factories.identity import citizen

_THREADS = """
INSERT INTO thread (id, created_at, number, region_code, item_id, title, person_id, state, updated_at)
SELECT id, $2, lpad((n + $5)::text, 19, '0'), '341226', $3, '样例', $4, 'closed', $2
FROM unnest($1::uuid[]) WITH ORDINALITY AS t (id, n)
"""
_CASE = """
INSERT INTO case_record (id, created_at, updated_at, thread_id, item_id, guide_id, department_id, hall_id, region_code,
    person_id, channel, state, form_sealed, submitted_at, promise_on, law_on, paused_on)
VALUES ($1, $2, $2, $3, $4, $5, $6, $7, '341226', $8, 'phone', $9, '\\x00', $2, $10, $11, $12)
"""
_COMPLAINT = """
INSERT INTO complaint (id, created_at, number, kind, state, nameless, token, hall_id, department_id, page, words_sealed,
    owner_id, due_on)
VALUES ($1::uuid, $2, $1::uuid::text, 'question', $3, true, $1::uuid::text, $4, $5, '', '\\x00', NULL, $6)
"""
_RATING = """
INSERT INTO rating (id, created_at, thread_id, subject_kind, subject_id, department_id, token, state, level, given_at)
VALUES ($1::uuid, $2, $3, 'case', $1::uuid, $4, $1::uuid::text, 'given', 'dissatisfied', $2)
"""
_RECTIFICATION = """
INSERT INTO rectification
    (id, created_at, rating_id, thread_id, department_id, hall_id, state, started_on, red_on, due_on)
VALUES ($1, $2, $1, $3, $4, $5, $6, $7, $8, $9)
"""


class Open(NamedTuple):
    """One matter: its state, where it is, and its days counted from today."""

    state: str
    department: int
    hall: int | None
    first: int
    last: int
    paused: bool = False


class Ground(NamedTuple):
    """What rows refer to."""

    item: UUID
    guide: UUID
    person: UUID
    departments: tuple[UUID, ...]
    halls: tuple[UUID, ...]

    def hall(self, place: int | None) -> UUID | None:
        """Give one of the halls."""
        return None if place is None else self.halls[place]


async def ground() -> Ground:
    """Two departments, two halls, an item and somebody."""
    guide = await make.guide()
    other, away = await make.department("taxes"), await make.hall("town", region_code="341226100")
    here = await make.county()
    person = await citizen(name="张桂兰")
    assert person.person_id
    return Ground(
        guide.item.id, guide.id, person.person_id,
        (guide.department.id, other.id), (here.id, away.id),
    )  # fmt: skip


async def threads(at: Ground, number: int) -> list[UUID]:
    """Open so many threads."""
    ids = [new_id() for _ in range(number)]
    before = await db.fetchval("SELECT count(*) FROM thread")
    await db.execute(_THREADS, ids, clock.now(), at.item, at.person, before)
    return ids


async def cases(at: Ground, rows: Sequence[Open]) -> None:
    """Keep cases: `first` is the promise, `last` the law."""
    now, ids = clock.now(), await threads(at, len(rows))
    for thread_id, one in zip(ids, rows, strict=True):
        await db.execute(
            _CASE, new_id(), now, thread_id, at.item, at.guide, at.departments[one.department], at.hall(one.hall),
            at.person, one.state, day(one.first), day(one.last), day(0) if one.paused else None,
        )  # fmt: skip


async def complaints(at: Ground, rows: Sequence[Open]) -> None:
    """Keep complaints: `last` is the last day of their time."""
    for one in rows:
        await db.execute(
            _COMPLAINT, new_id(), clock.now(), one.state, at.hall(one.hall), at.departments[one.department],
            day(one.last),
        )  # fmt: skip


async def rectifications(at: Ground, rows: Sequence[Open]) -> None:
    """Keep rectifications: `first` is the day they show red, `last` the last day of their time."""
    now, ids = clock.now(), await threads(at, len(rows))
    for thread_id, one in zip(ids, rows, strict=True):
        key = new_id()
        await db.execute(_RATING, key, now, thread_id, at.departments[one.department])
        await db.execute(
            _RECTIFICATION, key, now, thread_id, at.departments[one.department], at.hall(one.hall), one.state,
            day(min(one.first, 0)), day(one.first), day(max(one.first, one.last)),
        )  # fmt: skip


def day(number: int) -> date:
    """Give a day counted from today."""
    return clock.today() + timedelta(days=number)
