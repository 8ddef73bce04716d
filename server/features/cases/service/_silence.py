"""What happens when nobody says anything: an office's silence accepts, an applicant's silence ends the application."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import System
from server.features.cases import messages
from server.features.cases.models import Case, CaseState, Telling
from server.features.cases.service._desk import lock_whole
from server.features.cases.service._ending import end_if_nothing_is_left
from server.features.cases.service._following import live_commitment
from server.features.cases.service._front import begin_deciding, number_of, tell
from server.features.cases.service._paper import give_notice
from server.features.cases.service._whole import items_of
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.thread import service as thread
from server.kit import clock

SILENCE = System(name="cases.silence")
REMINDED = timedelta(days=3)


async def deem_accepted() -> int:
    """Accept what an office has left unanswered past the law's days, from the day of receipt; say how many."""
    accepted = 0
    for thread_id in await thread.overdue(thread.ClockKind.RECEIVE):
        accepted += await _deem(thread_id)
    return accepted


@db.transactional
async def _deem(thread_id: UUID) -> bool:
    waiting = Case.filter(thread_id=thread_id, state=CaseState.SUBMITTED)
    case = await waiting.first()
    if case is None:
        return False
    await lock_whole(case.id)
    case = await waiting.select_for_update().first()
    if case is None or case.submitted_at is None:
        return False
    if await live_commitment(case) is not None:
        # The office has answered: it waits for a signature, or has still to ask for what is lacking.
        return False
    guide = await catalogue.guide(case.guide_id)
    received_on = case.submitted_at.astimezone(clock.SHANGHAI).date()
    for one in await items_of(SILENCE, case, guide) if case.whole else [case]:
        one.accepted_at = case.submitted_at
        one.correction = None
        # A refusal that was proposed and never made is silence, too.
        one.proposal = None
        its_own = await catalogue.guide(one.guide_id)
        await begin_deciding(SILENCE, one, its_own, "deem", started_on=received_on)
    return True


async def end_uncorrected() -> int:
    """End the applications that were not mended by the day they were told; say how many."""
    ended = 0
    for telling in await Telling.filter(due_on__lt=clock.today(), due_on__gte=clock.today() - timedelta(days=60)):
        ended += await _lapse(telling)
    return ended


@db.transactional
async def _lapse(telling: Telling) -> bool:
    await lock_whole(telling.case_id)
    case = await Case.filter(id=telling.case_id).select_for_update().get()
    later = await Telling.filter(case_id=case.id, round__gt=telling.round).exists()
    if case.state is not CaseState.CORRECTION_ASKED or later:
        return False
    guide = await catalogue.guide(case.guide_id)
    await case.move("lapse")
    await documents.let_go(case.thread_id)
    await give_notice(SILENCE, case, guide, "lapsed", mend_by=telling.due_on)
    await thread.record(case.thread_id, "cases.lapsed", SILENCE, case_id=str(case.id))
    number = await number_of(case)
    await tell(
        case, messages.CaseLapsed(thread_id=str(case.thread_id), number=number, item=guide.item.name, at=clock.now())
    )
    await end_if_nothing_is_left(case.thread_id, SILENCE)
    return True


async def remind_of_corrections() -> int:
    """Remind whoever has three days or less to mend something; say how many were looked at. Once a telling."""
    due = await Telling.filter(due_on__gte=clock.today(), due_on__lte=clock.today() + REMINDED)
    for telling in due:
        await _remind(telling)
    return len(due)


@db.transactional
async def _remind(telling: Telling) -> None:
    case = await Case.get(id=telling.case_id)
    if case.state is not CaseState.CORRECTION_ASKED:
        return
    item = await catalogue.item(case.item_id)
    # `tell` says a thing once a version of the case: reminding every day until then would be pestering.
    await tell(
        case,
        messages.CorrectionDue(
            case_id=str(case.id),
            number=await number_of(case),
            item=item.name,
            at=clock.now(),
            due_on=telling.due_on,
        ),
    )
