"""Rows of everything that is measured, more varied than any test could bring about by the door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from server import db
from server.features.ratings.models import Level
from server.kit import clock
from server.kit.ids import new_id
from tests.factories.open_matters import Ground, threads

_CASE = """
INSERT INTO case_record (id, created_at, updated_at, thread_id, item_id, guide_id, department_id, hall_id, region_code,
    person_id, channel, state, form_sealed, submitted_at, accepted_at, decided_at, decided_by, promise_on, law_on,
    routed_at, whole)
VALUES ($1, $2, $2, $3, $4, $5, $6, $7, '341226', $8, $9, $10, '\\x00', $2, $2, $11, $12, $13, $13, $14, $15)
"""
_STEP = "INSERT INTO step (thread_id, at, name, actor_kind) VALUES ($1, $2, $3, 'system')"
_PAPER = """
INSERT INTO material (id, created_at, case_id, rule_key, source, place, file_id, certificate_id, earlier_case_id)
VALUES ($1, $2, $3, 'paper', $4::text, 0, $1, $1, CASE WHEN $4::text = 'earlier_case' THEN $3::uuid END)
"""
_TOLERANCE = """
INSERT INTO tolerance (id, created_at, case_id, keys, due_on, staff_id) VALUES ($1, $2, $3, '{paper}', CURRENT_DATE, $4)
"""
_BOOKING = """
INSERT INTO booking (id, created_at, thread_id, slot_id, hall_id, item_id, guide_id, day, person_id, state, hold_until)
VALUES ($1, $2, $1, $1, $3, $4, $5, $6, $1, $7, $2)
"""
_TICKET = """
INSERT INTO ticket (id, created_at, hall_id, skill, day, place_at, number, state, called_at, finished_at, rank_at)
VALUES ($1::uuid, $2, $3, 'general', $4, $2, $1::uuid::text, $5, $6, $7, $2)
"""
_TALLY = """
INSERT INTO push_tally (created_at, channel, template, sent, in_time, not_agreed, refused, dead, too_late)
VALUES ($1, 'wechat', 'progress', $2, $3, 0, 0, 0, 0)
"""
_COMPLAINT = """
INSERT INTO complaint (id, created_at, number, kind, state, nameless, token, hall_id, department_id, page, words_sealed,
    owner_id, due_on, answer_sealed, answered_at, answered_by)
VALUES ($1::uuid, $2, $1::uuid::text, 'question', $3, true, $1::uuid::text, $4, $5, '', '\\x00', $6, $7, $8, $9, $6)
"""
_RATING = """
INSERT INTO rating (id, created_at, thread_id, subject_kind, subject_id, department_id, hall_id, token, state, level,
    given_at, tags, burst_id)
VALUES ($1::uuid, $2, $3, 'case', $1::uuid, $4, $5, $1::uuid::text, $6, $7, $8, $9::text::jsonb, $10)
"""
_BURST = """
INSERT INTO rating_burst (id, created_at, kind, looked_at, looked_by, counted, reason_sealed)
VALUES ($1, $2, 'source', $3, $4, $5, $6)
"""
_RECTIFICATION = """
INSERT INTO rectification (id, created_at, rating_id, thread_id, department_id, hall_id, state, started_on, red_on,
    due_on, answered_at, reopened_at, call_back_on, called_back_at)
VALUES ($1, $2, $1, $3, $4, $5, $6, $9, $9, $9, $7, $8, $10, $11)
"""
_ITEM = """
INSERT INTO item (id, created_at, code, name, kind, department_id, region_code, audience, active)
VALUES ($1::uuid, $2, $1::uuid::text, '样例', $3, $4, '341226', $5, $6)
"""
_GUIDE = """
INSERT INTO guide (id, created_at, item_id, version, state, content, reason, effective_on, published_at)
VALUES ($1, $2, $3, $4, $5, $6::text::jsonb, '样例', $7, $2)
"""
_SAMPLE = """
INSERT INTO sample_case
    (id, created_at, draw_id, place, case_id, thread_id, department_id, hall_id, answers, bad, checked_by, checked_at)
VALUES ($1, $2, $1, 1, $1, $3, $4, $5, $6::text::jsonb, $7, $8, $9)
"""


class Handled(NamedTuple):
    """A case: accepted so many days ago at an hour, decided after so many or not yet, and how it went."""

    department: int
    hall: int | None
    ago: int
    hour: int
    took: int | None
    promised: int | None
    routed: bool
    at_window: bool
    whole: bool
    steps: list[tuple[int, str]]
    papers: list[str]
    deficient: bool

    @property
    def left(self) -> int:
        """So many days ago it was decided."""
        return self.ago - min(self.took or 0, self.ago)


class Booked(NamedTuple):
    """A booking for a day so many ago."""

    hall: int
    ago: int
    state: str


class Queued(NamedTuple):
    """A number: called after so many seconds, served for so many, or not."""

    hall: int
    ago: int
    waits: int | None
    serves: int | None
    state: str


class Sent(NamedTuple):
    """Messages of an hour."""

    ago: int
    hour: int
    sent: int
    in_time: int


class Complained(NamedTuple):
    """A complaint: answered so many days ago at an hour, if it was; due so many days after that."""

    department: int
    hall: int | None
    ago: int | None
    hour: int
    due: int


class Rated(NamedTuple):
    """A rating: asked for so many days ago, given after so many; its burst, and what came of it if it was bad."""

    department: int
    hall: int | None
    ago: int
    hour: int
    later: int
    level: Level | None
    excluded: bool
    burst: str | None
    tags: list[str]
    answered: bool
    reopened: bool
    within: int
    called: int | None
    named: bool

    @property
    def given(self) -> int:
        """So many days ago it was given."""
        return self.ago - min(self.later, self.ago)

    @property
    def due(self) -> date:
        """Give the last day to call back and to answer."""
        return at(self.given - self.within).date()


class Offered(NamedTuple):
    """An item, and its guides by when each came into force: so many days ago, and whether it lets a paper follow."""

    department: int
    kind: str
    audience: list[str]
    active: bool
    guides: list[tuple[int, bool]]
    scheduled: bool


class Sampled(NamedTuple):
    """A case drawn at random: looked through so many days ago at an hour, if it was, and so much of it bad."""

    department: int
    hall: int | None
    ago: int | None
    hour: int
    bad: int


Row = Sampled | Handled | Booked | Queued | Sent | Complained | Rated | Offered


def at(ago: int, hour: int = 12) -> datetime:
    """Give an hour on the wall, so many days ago."""
    return datetime.combine(clock.today() - timedelta(days=ago), time(hour), clock.SHANGHAI)


async def keep(ground: Ground, rows: Sequence[Row], officer: UUID) -> None:
    """Keep them. What they refer to besides is nobody's concern here, so the database does not look for it."""
    ids = await threads(ground, len(rows))
    async with db.tx():
        await db.execute("SET LOCAL session_replication_role = replica")
        for thread_id, row in zip(ids, rows, strict=True):
            await _KEEP[type(row)](ground, thread_id, officer, row)


async def _handled(ground: Ground, thread_id: UUID, officer: UUID, row: Handled) -> None:
    case, begun = new_id(), at(row.ago, row.hour)
    decided = None if row.took is None else at(row.left, row.hour)
    promise = None if row.promised is None else at(row.ago - row.promised).date()
    await db.execute(
        _CASE, case, begun, thread_id, ground.item, ground.guide, ground.departments[row.department],
        ground.hall(row.hall), ground.person, "window" if row.at_window else "phone",
        "accepted" if decided is None else "granted", decided, None if decided is None else officer, promise,
        begun if row.routed else None, row.whole,
    )  # fmt: skip
    for later, name in row.steps:
        await db.execute(_STEP, thread_id, at(row.ago - later, row.hour), name)
    for source in row.papers:
        await db.execute(_PAPER, new_id(), begun, case, source)
    if row.deficient:
        await db.execute(_TOLERANCE, new_id(), begun, case, officer)


async def _booked(ground: Ground, _thread: UUID, _officer: UUID, row: Booked) -> None:
    when = at(row.ago)
    await db.execute(
        _BOOKING, new_id(), when, ground.halls[row.hall], ground.item, ground.guide, when.date(), row.state
    )


async def _queued(ground: Ground, _thread: UUID, _officer: UUID, row: Queued) -> None:
    taken = at(row.ago)
    called = None if row.waits is None else taken + timedelta(seconds=row.waits)
    done = None if called is None or row.serves is None else called + timedelta(seconds=row.serves)
    await db.execute(_TICKET, new_id(), taken, ground.halls[row.hall], taken.date(), row.state, called, done)


async def _sent(_ground: Ground, _thread: UUID, _officer: UUID, row: Sent) -> None:
    await db.execute(_TALLY, at(row.ago, row.hour), row.sent, row.in_time)


async def _complained(ground: Ground, _thread: UUID, officer: UUID, row: Complained) -> None:
    answered = None if row.ago is None else at(row.ago, row.hour)
    state, words = ("routed", None) if answered is None else ("answered", b"\x00")
    due = (at(row.ago or 0) + timedelta(days=row.due)).date()
    await db.execute(
        _COMPLAINT, new_id(), at(28), state, ground.hall(row.hall), ground.departments[row.department],
        None if answered is None else officer, due, words, answered,
    )  # fmt: skip


async def _rated(ground: Ground, thread_id: UUID, officer: UUID, row: Rated) -> None:
    rating, asked, burst = new_id(), at(row.ago, row.hour), None
    given = None if row.level is None else at(row.given, row.hour)
    place = (ground.departments[row.department], ground.hall(row.hall))
    if row.level is not None and row.burst is not None:
        burst = new_id()
        looked = (None,) * 4 if row.burst == "waits" else (asked, officer, row.burst == "counts", b"\x00")
        await db.execute(_BURST, burst, asked, *looked)
    state = "open" if row.level is None else "excluded" if row.excluded else "given"
    tags = "[" + ", ".join(f'"{one}"' for one in row.tags) + "]"
    level = None if row.level is None else row.level.value
    await db.execute(_RATING, rating, asked, thread_id, *place, state, level, given, tags, burst)
    if row.level is not None and row.level.bad:
        stands = "reopened" if row.reopened else "answered" if row.answered else "assigned"
        await db.execute(
            _RECTIFICATION, rating, given, thread_id, *place, stands, given if row.answered else None,
            given if row.reopened else None, row.due, row.due if row.named else None,
            None if row.called is None else at(row.given - row.called, row.hour),
        )  # fmt: skip


async def _offered(ground: Ground, _thread: UUID, _officer: UUID, row: Offered) -> None:
    item, department = new_id(), ground.departments[row.department]
    await db.execute(_ITEM, item, at(0), row.kind, department, row.audience, row.active)
    for version, (ago, lets) in enumerate(row.guides, 1):
        state = "published" if version == len(row.guides) else "superseded"
        await _guide(item, version, state, ago, lets=lets)
    if row.scheduled:
        await _guide(item, len(row.guides) + 1, "scheduled", -1, lets=True)


async def _sampled(ground: Ground, thread_id: UUID, officer: UUID, row: Sampled) -> None:
    looked = (None,) * 4 if row.ago is None else ("{}", row.bad, officer, at(row.ago, row.hour))
    place = (ground.departments[row.department], ground.hall(row.hall))
    await db.execute(_SAMPLE, new_id(), at(28), thread_id, *place, *looked)


async def _guide(item: UUID, version: int, state: str, ago: int, *, lets: bool) -> None:
    needs = ("required", "deficiency") if lets else ("required", "optional")
    content = '{"materials": [' + ", ".join(f'{{"need": "{need}"}}' for need in needs) + "]}"
    await db.execute(_GUIDE, new_id(), at(max(ago, 0)), item, version, state, content, at(ago).date())


_KEEP: Mapping[type[Row], Callable[[Ground, UUID, UUID, Any], Awaitable[None]]] = {
    Handled: _handled,
    Booked: _booked,
    Queued: _queued,
    Sent: _sent,
    Complained: _complained,
    Rated: _rated,
    Offered: _offered,
    Sampled: _sampled,
}
