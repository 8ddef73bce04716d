"""Parallel branches (并联审批): the department that leads asks others, all at once, and joins what they answer.

An opinion that is `needed` must agree before the lead may grant; of the others it is enough that one agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from server import db
from server.actor import Staff
from server.errors import Conflict, FieldError, InvalidInput
from server.features.cases.models import MOVES, OPEN, Case, ReviewTask
from server.features.cases.schemas import OpinionIn, TaskOut
from server.features.cases.service._claims import require_free
from server.features.cases.service._desk import case_at_desk, case_for, require
from server.features.cases.service._front import on_record
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock

SHOWN = 50


@db.transactional
async def ask_opinion(actor: Staff, case_id: UUID, wish: OpinionIn) -> None:
    """Ask another department; all that are asked work beside each other, none later than the day promised.

    Refuses `cases.opinion_of_oneself`, `cases.opinion_asked_already`, `cases.opinion_too_late`, `cases.claimed`.
    """
    await _ask(actor, case_id, wish, "ask_opinion")


@db.transactional
async def ask_early(actor: Staff, case_id: UUID, wish: OpinionIn) -> None:
    """Have the technical side looked at before acceptance (提前技术审查), by whom else it concerns or at home.

    It stops and starts no clock, and holds acceptance up for nobody; what it finds counts when the case is decided.
    """
    await _ask(actor, case_id, wish, "ask_early")


async def _ask(actor: Staff, case_id: UUID, wish: OpinionIn, verb: str) -> None:
    question = await documents.printable(wish.question)
    case = await case_for(actor, verb, case_id)
    early = verb == "ask_early"
    await require_free(actor, case)
    if wish.department_id not in {one.id for one in await catalogue.departments()}:
        raise InvalidInput("invalid_input", fields=(FieldError("department_id", "unknown_field"),))
    if wish.department_id == case.department_id and not early:
        raise Conflict("cases.opinion_of_oneself")
    if await ReviewTask.filter(case_id=case.id, department_id=wish.department_id, state="open").exists():
        raise Conflict("cases.opinion_asked_already")
    due_on = await catalogue.add_working_days(clock.today(), wish.days)
    if not early and case.law_on is not None and due_on > case.law_on:
        raise Conflict("cases.opinion_too_late")
    row = ReviewTask(
        case_id=case.id,
        department_id=wish.department_id,
        due_on=due_on,
        needed=wish.needed,
        early=early,
        state="open",
        staff_id=actor.staff_id,
    )
    row.question = question
    await row.save(force_create=True)
    await case.move(verb, actor)
    step = "cases.early_asked" if early else "cases.opinion_asked"
    await thread.record(case.thread_id, step, actor, case_id=str(case.id))
    await on_record(actor, step, case)


@db.transactional
async def answer_opinion(actor: Staff, case_id: UUID, *, agrees: bool, answer: str) -> None:
    """Answer for a department that was asked; the answer stands. Whoever leads the case is not asked.

    Refuses `cases.no_opinion_asked`, `cases.own_question`, and what `require` refuses once the case has ended.
    """
    words = await documents.printable(answer)
    task = await _asked_of(actor, case_id)
    case = await Case.filter(id=case_id).select_for_update().get_or_none()
    if task is None or case is None:
        # Somebody else's case looks like none; of one's own it is said that nothing was asked.
        await case_at_desk(actor, case_id)
        raise Conflict("cases.no_opinion_asked")
    early = task.early and case.state in MOVES["answer_early"].sources
    verb = "answer_early" if early else "answer_opinion"
    await require(actor, case, verb)
    if task.staff_id == actor.staff_id:
        raise Conflict("cases.own_question")
    task.state, task.agrees, task.answer = "answered", agrees, words
    task.answered_by, task.answered_at = actor.staff_id, clock.now()
    await task.save(update_fields=["state", "agrees", "answer_sealed", "answered_by", "answered_at"])
    await case.move(verb, actor)
    step = "cases.early_given" if early else "cases.opinion_given"
    await thread.record(case.thread_id, step, actor, case_id=str(case.id))
    await on_record(actor, step, case)


@db.transactional
async def recall_opinion(actor: Staff, case_id: UUID, task_id: UUID) -> None:
    """Take a question back that was not answered: it no longer holds anything up. Refuses `cases.no_opinion_asked`."""
    case = await case_for(actor, "recall_opinion", case_id)
    await require_free(actor, case)
    taken = await ReviewTask.filter(id=task_id, case_id=case.id, state="open").update(state="recalled")
    if not taken:
        raise Conflict("cases.no_opinion_asked")
    await case.move("recall_opinion", actor)
    await on_record(actor, "cases.opinion_recalled", case)


async def require_joined(case: Case) -> None:
    """Let a grant pass once the answers allow it. Refuses `cases.opinions_open`, `cases.opinion_against`."""
    tasks = await ReviewTask.filter(case_id=case.id).exclude(state="recalled")
    if waiting := sum(task.state == "open" for task in tasks):
        raise Conflict("cases.opinions_open", left=waiting)
    # The newest word of a department counts, if it was asked twice.
    newest = {task.department_id: task for task in sorted(tasks, key=lambda task: task.created_at)}.values()
    if any(task.needed and not task.agrees for task in newest):
        raise Conflict("cases.opinion_against")
    others = [task for task in newest if not task.needed]
    if others and not any(task.agrees for task in others):
        raise Conflict("cases.opinion_against")


async def tasks_of(case_id: UUID) -> list[TaskOut]:
    """List what departments were asked about a case, in order."""
    return await _shown(await ReviewTask.filter(case_id=case_id).order_by("created_at"))


async def tasks_for(actor: Staff) -> list[TaskOut]:
    """List what the officer's own departments are asked, the soonest due first; the first fifty."""
    departments = await _departments(actor)
    rows = _owed() if departments is None else _owed().filter(department_id__in=departments)
    return await _shown(await rows.order_by("due_on", "id").limit(SHOWN))


async def asked_counts(actor: Staff) -> tuple[int, int]:
    """Count what the officer's departments are asked, and how much of it is late. Not what they ask themselves."""
    departments = await _departments(actor)
    rows = _owed().exclude(staff_id=actor.staff_id)
    rows = rows if departments is None else rows.filter(department_id__in=departments)
    return await rows.count(), await rows.filter(due_on__lt=clock.today()).count()


def _owed() -> QuerySet[ReviewTask]:
    """Find what is still to be answered: of a case that has ended nothing is."""
    return ReviewTask.filter(state="open", case_id__in=Subquery(Case.filter(state__in=OPEN).values("id")))


async def _departments(actor: Staff) -> Sequence[UUID] | None:
    return await catalogue.departments_within(await identity.reach(actor, *MOVES["answer_opinion"].roles))


async def _asked_of(actor: Staff, case_id: UUID) -> ReviewTask | None:
    rows = ReviewTask.filter(case_id=case_id, state="open")
    departments = await _departments(actor)
    if departments is not None:
        rows = rows.filter(department_id__in=departments)
    return await rows.order_by("due_on").select_for_update().first()


async def is_asked(actor: Staff, case_id: UUID) -> bool:
    """Say whether an answer of the officer's department is waited for."""
    departments = await _departments(actor)
    # Whoever asked does not answer, however far they reach.
    rows = ReviewTask.filter(case_id=case_id, state="open").exclude(staff_id=actor.staff_id)
    return await (rows if departments is None else rows.filter(department_id__in=departments)).exists()


async def _shown(rows: list[ReviewTask]) -> list[TaskOut]:
    names = {one.id: one.name for one in await catalogue.departments()}
    officers = await identity.staff_labels([row.answered_by for row in rows if row.answered_by])
    cases = {case.id: case for case in await Case.filter(id__in=[row.case_id for row in rows])}
    numbers = await thread.many([case.thread_id for case in cases.values()])
    return [
        TaskOut(
            id=row.id,
            case_id=row.case_id,
            number=numbers[cases[row.case_id].thread_id].number,
            title=numbers[cases[row.case_id].thread_id].title,
            department=names[row.department_id],
            department_id=row.department_id,
            question=row.question,
            due_on=row.due_on,
            late=row.state == "open" and row.due_on < clock.today(),
            needed=row.needed,
            early=row.early,
            state=row.state,
            agrees=row.agrees,
            answer=row.answer,
            answered_by=officers[row.answered_by][1] if row.answered_by else None,
        )
        for row in rows
    ]
