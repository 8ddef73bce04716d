"""What supervisors ask of departments (督办): asked until a day, answered by the department, closed or asked again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tortoise.queryset import QuerySet

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.supervision.models import Assignment
from server.kit import clock

LONGEST = 500
ROLES = (Role.SUPERVISOR, Role.REVIEWER)
MOST_DAYS, USUAL_DAYS = 60, 5
_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentView:
    """One assignment as the desk shows it; `may` are the deeds open to who looks."""

    id: UUID
    department: str
    by: str
    words: str
    answer: str | None
    due_on: date
    at: datetime
    state: str
    walked: bool
    sampled: bool
    late: bool
    may: tuple[str, ...]


async def assign(actor: Staff, department_id: UUID, words: str, *, days: int, **found: UUID) -> UUID:
    """Ask something of a department until so many working days from now. Raises NotFound.

    `walk_id` or `sample_id` is where it was found.
    """
    reach = await catalogue.departments_within(await identity.reach(actor, Role.SUPERVISOR))
    if reach is not None and department_id not in reach:
        raise NotFound
    office = await catalogue.department(department_id)
    due_on = await catalogue.add_working_days(clock.today(), days)
    row = Assignment(staff_id=actor.staff_id, department_id=office.id, due_on=due_on, **found)
    row.words = words
    async with db.tx():
        await row.save(force_create=True)
        await audit.record(actor, "supervision.assigned", "assignment", row.id)
    return row.id


async def assignments(actor: Staff, *, closed: bool = False) -> list[AssignmentView]:
    """List what is asked of departments within reach, the soonest due first; or what is closed, the newest first."""
    rows = await _within(actor)
    if closed:
        found = await rows.filter(state="closed").order_by("-closed_at").limit(_SHOWN)
    else:
        found = await rows.filter(state__in=("open", "answered")).order_by("due_on", "created_at").limit(_SHOWN)
    offices = {one.id: one.name for one in await catalogue.departments()}
    names = await identity.staff_labels(list({row.staff_id for row in found}))
    return [
        AssignmentView(
            id=row.id,
            department=offices[row.department_id],
            by=names[row.staff_id][1] if row.staff_id in names else "",
            words=row.words,
            answer=row.answer,
            due_on=row.due_on,
            at=row.created_at,
            state=row.state,
            walked=row.walk_id is not None,
            sampled=row.sample_id is not None,
            late=row.state == "open" and row.due_on < clock.today(),
            may=_may(actor, row),
        )
        for row in found
    ]


async def open_assignments(actor: Staff) -> int:
    """Count what the actor's departments are asked and have not answered."""
    reach = await catalogue.departments_within(await identity.reach(actor, Role.REVIEWER))
    return await Assignment.in_reach(reach).filter(state="open").count()


@db.transactional
async def answer_assignment(actor: Staff, assignment_id: UUID, words: str) -> None:
    """Answer for the department. Raises NotFound, Conflict `supervision.moved_on`."""
    row = await _locked(actor, assignment_id, "answer")
    row.answer, row.answered_by, row.answered_at, row.state = words, actor.staff_id, clock.now(), "answered"
    await row.save()
    await audit.record(actor, "supervision.assignment_answered", "assignment", row.id)


@db.transactional
async def close_assignment(actor: Staff, assignment_id: UUID, *, content: bool) -> None:
    """Close what was answered, or have it answered again. Raises NotFound, Conflict `supervision.moved_on`."""
    row = await _locked(actor, assignment_id, "close")
    row.state, row.closed_at = ("closed", clock.now()) if content else ("open", None)
    await row.save()
    deed = "assignment_closed" if content else "assignment_returned"
    await audit.record(actor, f"supervision.{deed}", "assignment", row.id)


async def _locked(actor: Staff, assignment_id: UUID, deed: str) -> Assignment:
    row = await (await _within(actor)).select_for_update().get_or_none(id=assignment_id)
    if row is None:
        raise NotFound
    if deed not in _may(actor, row):
        raise Conflict("supervision.moved_on")
    return row


async def _within(actor: Staff) -> QuerySet[Assignment]:
    return Assignment.in_reach(await catalogue.departments_within(await identity.reach(actor, *ROLES)))


def _may(actor: Staff, row: Assignment) -> tuple[str, ...]:
    if row.state == "open" and actor.has(Role.REVIEWER) and row.staff_id != actor.staff_id:
        return ("answer",)
    return ("close",) if row.state == "answered" and actor.has(Role.SUPERVISOR) else ()
