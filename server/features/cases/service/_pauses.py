"""Lawful stops of the clock (特别程序): with a legal basis and a written notice, and an end that is told beforehand."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Actor, Staff, System
from server.errors import Conflict, FieldError, InvalidInput
from server.features.cases import messages
from server.features.cases.models import PAUSES, TO_DECIDE, Case, Pause
from server.features.cases.schemas import PauseIn
from server.features.cases.service._claims import require_free
from server.features.cases.service._desk import case_for
from server.features.cases.service._front import number_of, on_record, tell
from server.features.cases.service._paper import LOCALE, give_notice
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView
from server.features.documents import service as documents
from server.features.thread import service as thread
from server.kit import clock, workdays
from server.kit.spoken import spoken
from server.kit.texts import text

DECIDE = thread.ClockKind.DECIDE


@db.transactional
async def pause(actor: Staff, case_id: UUID, wish: PauseIn) -> None:
    """Let the clock stand still from the end of today, for so many working days as the notice tells.

    Where the law gives no days (`law_days`), all such stops of a case are half its promise at most.
    Refuses `cases.paused`, `cases.claimed`, `cases.pause_too_long`, and `invalid_input` by field.
    """
    basis = await documents.printable(wish.basis)
    if wish.kind not in PAUSES:
        raise InvalidInput("invalid_input", fields=(FieldError("kind", "bad_format"),))
    if wish.law_days is not None and wish.days > wish.law_days:
        raise InvalidInput("invalid_input", fields=(FieldError("days", "out_of_range"),))
    case = await case_for(actor, "pause", case_id, seen=wish.seen)
    await require_free(actor, case)
    require_running(case)
    guide = await catalogue.guide(case.guide_id)
    if wish.law_days is None and wish.days > (left := await days_left(case, guide)):
        raise Conflict("cases.pause_too_long", left=left)
    row = Pause(case_id=case.id, kind=wish.kind, days=wish.days, law_days=wish.law_days, staff_id=actor.staff_id)
    row.basis = basis
    row.after_on = clock.today()
    row.planned_on = await catalogue.add_working_days(row.after_on, wish.days)
    await row.save(force_create=True)
    case.follow(await thread.pause_clock(case.thread_id, DECIDE))
    await case.move("pause", actor)
    await give_notice(actor, case, guide, "pause", asked=_in_words(row, basis))
    await thread.record(case.thread_id, "cases.paused", actor, case_id=str(case.id), planned_on=row.planned_on)
    await _say(case, guide, messages.CasePaused)
    await on_record(actor, "cases.paused", case)


def _in_words(row: Pause, basis: str) -> list[tuple[str, str]]:
    rows = [
        ("procedure", text(LOCALE, f"cases.pause.{row.kind}")),
        ("basis", basis),
        ("pause_days", text(LOCALE, "cases.working_days", days=row.days)),
        ("pause_until", spoken(LOCALE, row.planned_on)),
    ]
    return [(text(LOCALE, f"documents.notice.row.{key}"), value) for key, value in rows]


def require_running(case: Case) -> None:
    """Refuse `cases.paused` while the clock stands still: what it waits for has not come."""
    if case.paused_on is not None:
        raise Conflict("cases.paused")


async def days_left(case: Case, guide: GuideView) -> int:
    """Count the working days a case may still stand still where the law gives none."""
    earlier = await Pause.filter(case_id=case.id, law_days=None)
    spent = 0
    for row in earlier:
        until = row.until_on or row.planned_on
        days = await catalogue.day_table(row.after_on, until)
        spent += workdays.between(days, row.after_on, until)
    return max(0, guide.content.promise_days // 2 - spent)


@db.transactional
async def resume(actor: Staff, case_id: UUID, result: str) -> None:
    """Let the clock go on from tomorrow, with what came of the procedure. Refuses `cases.not_paused`."""
    said = await documents.printable(result)
    case = await case_for(actor, "resume", case_id)
    await require_free(actor, case)
    row = await _open(case)
    if row is None:
        raise Conflict("cases.not_paused")
    row.result, row.ended_by = said, actor.staff_id
    await _end(actor, case, row)
    await on_record(actor, "cases.resumed", case)


async def end_inspection(actor: Staff, case: Case, result: str) -> None:
    """Let the clock go on where it stood still for a visit of the site that is over; in the caller's transaction."""
    row = await _open(case)
    if row is not None and row.kind == "inspection":
        row.result, row.ended_by = result, actor.staff_id
        await _end(actor, case, row)


async def _open(case: Case) -> Pause | None:
    return await Pause.filter(case_id=case.id, until_on=None).select_for_update().get_or_none()


async def _end(actor: Actor, case: Case, row: Pause) -> None:
    # Never longer than was told, whoever comes late.
    row.until_on = min(clock.today(), row.planned_on)
    await row.save(update_fields=["until_on", "result_sealed", "ended_by"])
    case.follow(await thread.resume_clock(case.thread_id, DECIDE, until=row.until_on))
    await case.move("resume", actor)
    await thread.record(case.thread_id, "cases.resumed", actor, case_id=str(case.id), promise_on=case.promise_on)
    await _say(case, await catalogue.guide(case.guide_id), messages.CaseResumed)


async def resume_ended() -> int:
    """Let every clock go on whose stop has lasted as long as was told; say how many."""
    due = await Pause.filter(until_on=None, planned_on__lt=clock.today())
    for row in due:
        await _resume_ended(row.case_id)
    return len(due)


@db.transactional
async def _resume_ended(case_id: UUID) -> None:
    case = await Case.filter(id=case_id).select_for_update().get()
    row = await _open(case)
    if row is None or row.planned_on >= clock.today():
        return
    if case.state in TO_DECIDE:
        await _end(System(name="cases.pauses"), case, row)
        return
    # The case has ended meanwhile, and its clock with it.
    row.until_on = row.planned_on
    await row.save(update_fields=["until_on"])


async def _say(case: Case, guide: GuideView, message: type[messages.CasePaused | messages.CaseResumed]) -> None:
    number = await number_of(case)
    await tell(case, message(thread_id=str(case.thread_id), number=number, item=guide.item.name, at=clock.now()))
