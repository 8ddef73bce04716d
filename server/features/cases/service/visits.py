"""联合踏勘: a room behind the door of cases. Whoever has to see a site sees it in one visit.

The lead proposes days; each department says which suit it; the first that suits all is the day, and the applicant is
told. Afterwards each says what it found, and the applicant is told all of it at once. Until a visit has passed there
is no grant. What the law leaves out of the clock is a pause of the kind `inspection`: it ends with the visit.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import Conflict, FieldError, InvalidInput
from server.features.cases import messages
from server.features.cases.models import MOVES, Case, ReviewTask, SiteVisit, VisitPart
from server.features.cases.schemas import VisitIn
from server.features.cases.service._claims import require_free
from server.features.cases.service._desk import case_at_desk, case_for, require
from server.features.cases.service._front import number_of, on_record, tell
from server.features.cases.service._paper import give_notice
from server.features.cases.service._pauses import end_inspection
from server.features.cases.service._visit_views import leads, live_visit, parts_of_visit, tasks_of_visits, to_look
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock

__all__ = ["agree", "drop", "end", "note", "propose", "tasks_of_visits"]

FURTHEST = timedelta(days=60)
MOST_DAYS = 5
Said = type[messages.VisitFixed | messages.VisitPassed | messages.VisitToMend | messages.VisitDropped]


@db.transactional
async def propose(actor: Staff, case_id: UUID, wish: VisitIn) -> None:
    """Propose days for one visit with departments that are asked. A visit with no common day, or after which
    something was to be mended, gives way to it.

    Refuses `cases.visit_open`, `cases.claimed`, and `invalid_input` by field.
    """
    place = await documents.printable(wish.place)
    case = await case_for(actor, "propose_visit", case_id)
    await require_free(actor, case)
    days = sorted(set(wish.days))
    await _check(case, wish, days)
    before = await live_visit(case.id, lock=True)
    if before is not None:
        stuck = before.state == "proposed" and all(part.suits is not None for part in await parts_of_visit(before))
        if not stuck and before.state != "to_mend":
            raise Conflict("cases.visit_open")
        await _close(actor, before, "dropped" if stuck else "over")
    visit = SiteVisit(case_id=case.id, days=days, staff_id=actor.staff_id)
    visit.place = place
    await visit.save(force_create=True)
    await VisitPart(visit_id=visit.id, department_id=case.department_id, suits=days, agreed_by=actor.staff_id).save(
        force_create=True
    )
    for department_id in dict.fromkeys(wish.department_ids):
        await VisitPart(visit_id=visit.id, department_id=department_id).save(force_create=True)
    await case.move("propose_visit", actor)
    await thread.record(case.thread_id, "cases.visit_proposed", actor, case_id=str(case.id))
    await on_record(actor, "cases.visit_proposed", case)


async def _check(case: Case, wish: VisitIn, days: list[date]) -> None:
    wrong = []
    asked = {row.department_id for row in await ReviewTask.filter(case_id=case.id).exclude(state="recalled")}
    if not wish.department_ids or not set(wish.department_ids) <= asked - {case.department_id}:
        wrong.append(FieldError("departments", "required" if not wish.department_ids else "bad_format"))
    last = clock.today() + FURTHEST
    if not 1 <= len(days) <= MOST_DAYS or not all(clock.today() < day <= last for day in days):
        wrong.append(FieldError("days", "out_of_range"))
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))


@db.transactional
async def agree(actor: Staff, case_id: UUID, department_id: UUID, suits: list[date]) -> None:
    """Say which of the days suit a department; the last to say so fixes the day, and the applicant is told.

    Refuses `cases.no_visit`, `cases.visit_agreed`, `invalid_input`.
    """
    case, visit, part = await _part(actor, "agree_visit", case_id, department_id)
    if visit.state != "proposed":
        raise Conflict("cases.no_visit")
    if part.suits is not None:
        raise Conflict("cases.visit_agreed")
    if not set(suits) <= set(visit.days):
        raise InvalidInput("invalid_input", fields=(FieldError("days", "bad_format"),))
    part.suits, part.agreed_by = sorted(set(suits)), actor.staff_id
    await part.save(update_fields=["suits", "agreed_by"])
    await case.move("agree_visit", actor)
    await on_record(actor, "cases.visit_agreed", case)
    said = [one.suits for one in await parts_of_visit(visit)]
    common = set(visit.days).intersection(*(one for one in said if one is not None))
    if None in said or not common:
        return
    visit.day, visit.state = min(common), "fixed"
    await visit.save(update_fields=["day", "state"])
    await thread.record(case.thread_id, "cases.visit_fixed", actor, case_id=str(case.id), on=visit.day)
    await _say(case, messages.VisitFixed, visit.day)


@db.transactional
async def note(actor: Staff, case_id: UUID, department_id: UUID, *, passed: bool, words: str) -> None:
    """Write down what a department found; what did not pass may be found mended later, what passed stands.

    Refuses `cases.no_visit` before its day, `cases.visit_noted`.
    """
    said = await documents.printable(words)
    case, visit, part = await _part(actor, "note_visit", case_id, department_id)
    if visit.state == "proposed" or visit.day is None or visit.day > clock.today():
        raise Conflict("cases.no_visit")
    if part.passed or (part.passed is False and visit.state == "fixed"):
        raise Conflict("cases.visit_noted")
    part.passed, part.words = passed, said
    part.noted_by, part.noted_at = actor.staff_id, clock.now()
    await part.save(update_fields=["passed", "words_sealed", "noted_by", "noted_at"])
    await case.move("note_visit", actor)
    await on_record(actor, "cases.visit_noted", case)


@db.transactional
async def end(actor: Staff, case_id: UUID, *, mend_days: int) -> None:
    """Tell the applicant what came of it, all of it at once: passed, or what is to be put right in how many days.

    Refuses `cases.no_visit`, `cases.visit_unnoted` while a department has not said what it found, `cases.claimed`.
    """
    case = await case_for(actor, "end_visit", case_id)
    await require_free(actor, case)
    visit = await live_visit(case.id, lock=True)
    if visit is None or visit.state == "proposed":
        raise Conflict("cases.no_visit")
    parts = await parts_of_visit(visit)
    if left := sum(to_look(part, visit) for part in parts):
        raise Conflict("cases.visit_unnoted", left=left)
    faults = [part for part in parts if not part.passed]
    result = "; ".join(part.words or "" for part in (faults or parts))
    if case.paused_on is not None:
        await end_inspection(actor, case, result)
    await case.move("end_visit", actor)
    if not faults:
        await _close(actor, visit, "passed")
        await thread.record(case.thread_id, "cases.visit_passed", actor, case_id=str(case.id))
        await _say(case, messages.VisitPassed, clock.today())
    else:
        visit.mend_by = await catalogue.add_working_days(clock.today(), mend_days)
        await _close(actor, visit, "to_mend")
        await _tell_faults(actor, case, visit.mend_by, faults)
    await on_record(actor, "cases.visit_ended", case, passed=str(not faults).lower())


async def _tell_faults(actor: Staff, case: Case, mend_by: date, faults: list[VisitPart]) -> None:
    names = {one.id: one.name for one in await catalogue.departments()}
    guide = await catalogue.guide(case.guide_id)
    lines = [(names[part.department_id], part.words or "") for part in faults]
    await give_notice(actor, case, guide, "site_visit", asked=lines, mend_by=mend_by)
    await thread.record(
        case.thread_id, "cases.visit_to_mend", actor, case_id=str(case.id), items=len(faults), mend_by=mend_by
    )
    await _say(case, messages.VisitToMend, mend_by)


@db.transactional
async def drop(actor: Staff, case_id: UUID) -> None:
    """Call a visit off that has not been; whoever was told its day is told so. Refuses `cases.no_visit`."""
    case = await case_for(actor, "drop_visit", case_id)
    await require_free(actor, case)
    visit = await live_visit(case.id, lock=True)
    if visit is None or visit.state == "to_mend":
        raise Conflict("cases.no_visit")
    told = visit.day
    await _close(actor, visit, "dropped")
    await case.move("drop_visit", actor)
    if told is not None:
        await thread.record(case.thread_id, "cases.visit_dropped", actor, case_id=str(case.id))
        await _say(case, messages.VisitDropped, told)
    await on_record(actor, "cases.visit_dropped", case)


async def _part(actor: Staff, verb: str, case_id: UUID, department_id: UUID) -> tuple[Case, SiteVisit, VisitPart]:
    """Reach one department's part of a live visit: as one of the department, or for the lead as whoever leads."""
    case = await Case.filter(id=case_id).select_for_update().get_or_none()
    within = await catalogue.departments_within(await identity.reach(actor, *MOVES[verb].roles))
    near = within is None or department_id in within
    if case is not None and (near or (department_id == case.department_id and await leads(actor, case))):
        visit = await live_visit(case.id, lock=True)
        part = None if visit is None else await VisitPart.get_or_none(visit_id=visit.id, department_id=department_id)
        if visit is not None and part is not None:
            await require(actor, case, verb)
            return case, visit, part
    # Somebody else's case looks like none; of one's own it is said that there is no visit.
    await case_at_desk(actor, case_id)
    raise Conflict("cases.no_visit")


async def _close(actor: Staff, visit: SiteVisit, state: str) -> None:
    visit.state, visit.ended_by, visit.ended_at = state, actor.staff_id, clock.now()
    await visit.save(update_fields=["state", "mend_by", "ended_by", "ended_at"])


async def _say(case: Case, message: Said, day: date) -> None:
    item = await catalogue.item(case.item_id)
    number = await number_of(case)
    await tell(case, message(thread_id=str(case.thread_id), number=number, item=item.name, at=clock.now(), day=day))
