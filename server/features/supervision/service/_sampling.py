"""Random sampling (随机抽查): drawn by a seed nobody chose, looked through by a list; what is found becomes work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.cases import service as cases
from server.features.supervision.models import SampleCase, SampleDraw
from server.features.supervision.service._assigning import LONGEST, USUAL_DAYS, assign
from server.features.supervision.service._reach import Chosen, View, view_of
from server.features.thread import service as thread
from server.kit import clock, ids

# What the notices ask of every case: nothing beyond the guide, told at once, in time, with reasons, fees, handed over.
QUESTIONS = ("papers", "told_once", "in_time", "reasons", "fees", "handed_over", "on_record")
ANSWERS = ("good", "bad", "none")
MOST_DRAWN, LONGEST_PERIOD = 100, 366
# Drawn from once is drawn from: places and days that have a case in common are the same draw once more.
_ONE_BY_ONE = "SELECT pg_advisory_xact_lock(hashtextextended('supervision.draw:' || $1::uuid::text, 0))"
_AGAIN = """
SELECT EXISTS (SELECT 1 FROM sample_draw WHERE staff_id = $1 AND first_on <= $3 AND last_on >= $2
    AND (starts_with(region_code, $4) OR starts_with($4, region_code))
    AND (department_id IS NULL OR $5::uuid IS NULL OR department_id = $5)
    AND (hall_id IS NULL OR $6::uuid IS NULL OR hall_id = $6))
"""
_DONE = "SELECT draw_id, count(*) AS number, sum(bad) AS bad FROM sample_case WHERE checked_at IS NOT NULL GROUP BY 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawView:
    """One draw. `same` is whether drawing once more by its seed gives the very same cases; None on a list."""

    id: UUID
    at: datetime
    place: str
    first_on: date
    last_on: date
    population: int
    drawn: int
    checked: int
    bad: int
    seed: str
    same: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleView:
    """One case of a draw, without whose it is."""

    id: UUID
    place: int
    thread_id: UUID
    number: str
    title: str
    department: str
    hall: str
    answers: dict[str, str]
    note: str | None
    checked_at: datetime | None
    bad: int | None


async def draw_sample(actor: Staff, chosen: Chosen, first_on: date, last_on: date, number: int) -> UUID:
    """Draw. Whoever dislikes a draw cannot have another, nor by days or a place that only overlap with it.

    Raises NotFound for a place beyond reach, InvalidInput for a period that is not over, Conflict
    `supervision.drawn_already`, `.nothing_to_draw`.
    """
    if not first_on <= last_on < clock.today() or (last_on - first_on).days > LONGEST_PERIOD:
        raise InvalidInput("invalid_input", fields=(FieldError("last_on", "out_of_range"),))
    view = await view_of(actor, chosen, Role.SUPERVISOR)
    row = SampleDraw(
        staff_id=actor.staff_id, region_code=chosen.region, first_on=first_on, last_on=last_on, wanted=number,
        seed=ids.token(128), **view.asked,
    )  # fmt: skip
    row.population, found = await _drawn(row, view)
    if not found:
        raise Conflict("supervision.nothing_to_draw")
    async with db.tx():
        await db.execute(_ONE_BY_ONE, actor.staff_id)
        place = (row.region_code, row.department_id, row.hall_id)
        if await db.fetchval(_AGAIN, actor.staff_id, first_on, last_on, *place):
            raise Conflict("supervision.drawn_already")
        await row.save(force_create=True)
        for nth, one in enumerate(found):
            await SampleCase(
                draw_id=row.id, place=nth, case_id=one.case_id, thread_id=one.thread_id,
                department_id=one.department_id, hall_id=one.hall_id,
            ).save(force_create=True)  # fmt: skip
        await audit.record(actor, "supervision.sampled", "draw", row.id, seed=row.seed, population=row.population)
    return row.id


async def _drawn(row: SampleDraw, view: View) -> tuple[int, list[cases.Drawn]]:
    within = view.within if row.region_code else view.watcher
    return await cases.drawn_by(
        row.seed, row.wanted, row.first_on, row.last_on + timedelta(days=1),
        department_id=row.department_id, hall_id=row.hall_id, within=within,
    )  # fmt: skip


async def draws(actor: Staff) -> list[DrawView]:
    """List one's own draws, the newest first: all of them, as many as one person draws."""
    rows = await SampleDraw.of(actor.staff_id).order_by("-created_at", "-id")
    view = await view_of(actor, Chosen(), Role.SUPERVISOR)
    done = {one["draw_id"]: (one["number"], one["bad"]) for one in await db.fetch(_DONE)}
    return [_view(row, view, *done.get(row.id, (0, 0))) for row in rows]


async def draw(actor: Staff, draw_id: UUID) -> tuple[DrawView, list[SampleView]]:
    """Give one of one's own, drawn once more to compare, with its cases. Raises NotFound."""
    row = await _own(actor, draw_id)
    view = await view_of(actor, _chosen(row), Role.SUPERVISOR)
    rows = await SampleCase.filter(draw_id=row.id).order_by("place")
    population, again = await _drawn(row, view)
    same = population == row.population and [one.case_id for one in again] == [one.case_id for one in rows]
    checked = [one for one in rows if one.checked_at is not None]
    found = _view(row, view, len(checked), sum(one.bad or 0 for one in checked), same=same)
    threads = await thread.many([one.thread_id for one in rows])
    return found, [_sample(one, threads[one.thread_id], view) for one in rows]


@db.transactional
async def check_sample(actor: Staff, draw_id: UUID, place: int, answers: dict[str, str], note: str) -> None:
    """Write down what looking through one found, once; what is bad is asked of its department, with a clock.

    Raises NotFound, InvalidInput for a list not filled in or something bad without words, Conflict
    `supervision.moved_on`.
    """
    draw = await _own(actor, draw_id)
    row = await SampleCase.filter(draw_id=draw.id, place=place).select_for_update().get_or_none()
    if row is None:
        raise NotFound
    if row.checked_at is not None:
        raise Conflict("supervision.moved_on")
    missing = [FieldError(key, "required") for key in QUESTIONS if answers.get(key) not in ANSWERS]
    bad = sum(answers.get(key) == "bad" for key in QUESTIONS)
    if bad and not note.strip():
        missing.append(FieldError("note", "required"))
    if missing:
        raise InvalidInput("invalid_input", fields=tuple(missing))
    row.answers, row.bad, row.note = {key: answers[key] for key in QUESTIONS}, bad, note.strip()[:LONGEST] or None
    row.checked_by, row.checked_at = actor.staff_id, clock.now()
    await row.save()
    await audit.record(actor, "supervision.sample_checked", "sample", row.id, thread_id=row.thread_id)
    if bad:
        number = (await thread.get(row.thread_id)).number
        words = f"{number}: {note.strip()}"[:LONGEST]
        await assign(actor, row.department_id, words, days=USUAL_DAYS, sample_id=row.id)


async def _own(actor: Staff, draw_id: UUID) -> SampleDraw:
    row = await SampleDraw.of(actor.staff_id).get_or_none(id=draw_id)
    if row is None:
        raise NotFound
    return row


def _chosen(row: SampleDraw) -> Chosen:
    return Chosen(region=row.region_code, department=row.department_id, hall=row.hall_id)


def _view(row: SampleDraw, view: View, checked: int, bad: int, *, same: bool | None = None) -> DrawView:
    office = view.departments.get(row.department_id) if row.department_id else None
    hall = view.halls.get(row.hall_id) if row.hall_id else None
    region = next((one.name for one in view.regions if one.code == row.region_code), "")
    return DrawView(
        id=row.id,
        at=row.created_at,
        place=" · ".join(filter(None, (region, office.name if office else "", hall.name if hall else ""))),
        first_on=row.first_on,
        last_on=row.last_on,
        population=row.population,
        drawn=min(row.wanted, row.population),
        checked=checked,
        bad=int(bad or 0),
        seed=row.seed,
        same=same,
    )


def _sample(row: SampleCase, opened: thread.ThreadView, view: View) -> SampleView:
    office, hall = view.departments.get(row.department_id), view.halls.get(row.hall_id) if row.hall_id else None
    return SampleView(
        id=row.id,
        place=row.place,
        thread_id=row.thread_id,
        number=opened.number,
        title=opened.title,
        department=office.name if office else "",
        hall=hall.name if hall else "",
        answers=row.answers or {},
        note=row.note,
        checked_at=row.checked_at,
        bad=row.bad,
    )
