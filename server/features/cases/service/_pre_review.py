"""网上预审: what was sent is looked at online; its originals are seen and it is accepted at the window, in one deed.

Looking at it is the office's answer, within its five working days; silence accepts as it does everywhere.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from server import db
from server.actor import Staff, System
from server.errors import Conflict, FieldError, InvalidInput
from server.features.booking import service as booking
from server.features.cases import messages
from server.features.cases.models import Case, CaseState, Material, PreReview
from server.features.cases.schemas import CheckIn, CorrectionPolicy
from server.features.cases.service._desk import case_for
from server.features.cases.service._ending import end_if_nothing_is_left
from server.features.cases.service._front import accept_as, number_of, on_record, require_complete, say, tell
from server.features.cases.service._originals import open_pre_review, originals_of
from server.features.cases.service._paper import LOCALE, give_notice
from server.features.cases.service._receiving import stop_receiving
from server.features.cases.service._window import note_check
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView, MaterialRule
from server.features.documents import service as documents
from server.features.thread import service as thread
from server.kit import clock
from server.kit.spoken import spoken
from server.kit.texts import text

BY_ITSELF = System(name="cases.pre_review")
REMINDED = (3, 1)


@db.transactional
async def pre_review(actor: Staff, case_id: UUID, *, days: int | None = None) -> None:
    """Let what was sent online through: the originals are shown within so many working days.

    Without `days` as many as there usually are to mend something. Refuses `cases.no_originals` where none are asked,
    `.still_missing` while something is marked missing or wrong, `invalid_input` for days that are too few or too many.
    """
    case = await case_for(actor, "pre_review", case_id)
    guide = await catalogue.guide(case.guide_id)
    rule = await catalogue.policy(CorrectionPolicy, case.region_code)
    days = rule.usual_days if days is None else days
    if not rule.least_days <= days <= rule.most_days:
        raise InvalidInput("invalid_input", fields=(FieldError("days", "out_of_range"),))
    asked = await originals_of(case, guide)
    if not asked:
        raise Conflict("cases.no_originals")
    keys = [rule.key for rule in asked]
    await require_complete(case, guide)
    due_on = await catalogue.add_working_days(clock.today(), days)
    await _close(case)
    await PreReview(case_id=case.id, keys=keys, due_on=due_on, staff_id=actor.staff_id).save(force_create=True)
    await stop_receiving(case)
    case.proposal = None
    await case.move("pre_review", actor)
    await give_notice(actor, case, guide, "pre_reviewed", asked=await _to_bring(case, asked, due_on))
    await thread.record(case.thread_id, "cases.pre_reviewed", actor, case_id=str(case.id), show_by_on=due_on)
    await on_record(actor, "cases.pre_reviewed", case, keys=",".join(keys))
    await tell(case, await _say(messages.PreReviewed, case, guide, due_on))


async def _to_bring(case: Case, asked: list[MaterialRule], due_on: date) -> list[tuple[str, str]]:
    """Give the lines of the notice that say which originals to bring, where and by when."""
    hall = None if case.hall_id is None else await catalogue.hall(case.hall_id)
    said = {
        "originals": text(LOCALE, "common.comma").join(rule.name for rule in asked),
        "where": "" if hall is None else f"{hall.name}  {hall.address}",
        "show_by": spoken(LOCALE, due_on),
    }
    return [(text(LOCALE, f"documents.notice.row.{key}"), words) for key, words in said.items() if words]


@db.transactional
async def see_originals(actor: Staff, case_id: UUID, keys: list[str]) -> None:
    """The originals lie on the counter and are what was sent: the case is accepted, and its clock starts.

    Refuses `cases.originals_unseen` (by field) unless every one was seen, `cases.wrong_state`.
    """
    case = await case_for(actor, "see_originals", case_id)
    passed = await open_pre_review(case, lock=True)
    if passed is None:
        raise Conflict("cases.wrong_state")
    wrong = [FieldError(f"originals.{key}", "missing") for key in passed.keys if key not in keys]
    wrong += [FieldError(f"originals.{key}", "unknown_field") for key in keys if key not in passed.keys]
    if wrong:
        raise InvalidInput("cases.originals_unseen", fields=tuple(wrong))
    guide = await catalogue.guide(case.guide_id)
    sent = {row.rule_key for row in await Material.filter(case_id=case.id) if row.file_id}
    for key in passed.keys:
        await note_check(actor, case, CheckIn(key=key, verdict="received"), uploaded=key in sent, original=True)
    await thread.record(case.thread_id, "cases.original_seen", actor, case_id=str(case.id))
    await on_record(actor, "cases.original_seen", case, keys=",".join(passed.keys))
    await require_complete(case, guide)
    await _close(case)
    await accept_as(actor, case, guide, "see_originals", by=actor.staff_id)
    await on_record(actor, "cases.accepted", case)


async def _close(case: Case) -> None:
    await PreReview.filter(case_id=case.id, closed_at=None).update(closed_at=clock.now())


@thread.on("booking.checked_in")
async def _after_arrival(happening: thread.Recorded) -> None:
    """Whoever comes to another hall that takes the item in is served there: the case comes along."""
    case = await Case.filter(thread_id=happening.thread.id, state=CaseState.PRE_REVIEW).select_for_update().first()
    visit = await booking.of_thread(happening.thread.id)
    if case is None or visit is None or visit.hall_id == case.hall_id:
        return
    guide = await catalogue.guide(case.guide_id)
    if visit.hall_id in {hall.id for hall in await catalogue.halls(keys=guide.content.hall_keys or None)}:
        case.hall_id = visit.hall_id
        await case.save(update_fields=["hall_id"])


async def end_unseen() -> int:
    """End what nobody has shown the originals of by the day they were told; say how many."""
    # All of them, not the first so many: those who have a time and are expected stay, and nobody waits behind them.
    late = PreReview.filter(closed_at=None, due_on__lt=clock.today()).order_by("due_on", "id")
    return sum([await _end(row_id, case_id) for row_id, case_id in await late.values_list("id", "case_id")])


@db.transactional
async def _end(pre_review_id: UUID, case_id: UUID) -> bool:
    # The case first, as everybody who changes it does: nobody waits for anybody in a ring.
    case = await Case.filter(id=case_id).select_for_update().get()
    late = await PreReview.filter(id=pre_review_id, closed_at=None, due_on__lt=clock.today()).first()
    if late is None:
        return False
    waiting = case.state is CaseState.PRE_REVIEW
    if waiting and await booking.has_live(case.thread_id):
        # They have a time and are expected.
        return False
    await _close(case)
    if not waiting:
        return False
    guide = await catalogue.guide(case.guide_id)
    await case.move("leave_unseen")
    await documents.let_go(case.thread_id)
    await give_notice(BY_ITSELF, case, guide, "unseen", mend_by=late.due_on)
    await thread.record(case.thread_id, "cases.unseen", BY_ITSELF, case_id=str(case.id))
    await tell(
        case,
        messages.CaseTerminated(
            thread_id=str(case.thread_id), number=await number_of(case), item=guide.item.name, at=clock.now()
        ),
    )
    await end_if_nothing_is_left(case.thread_id, BY_ITSELF)
    return True


async def remind_of_originals() -> int:
    """Remind whoever has three days left, and one, and has booked no time; say how many were looked at."""
    days = {clock.today() + timedelta(days=left) for left in REMINDED}
    due = await PreReview.filter(closed_at=None, due_on__in=days).order_by("id")
    for one in due:
        await _remind(one)
    return len(due)


@db.transactional
async def _remind(one: PreReview) -> None:
    case = await Case.get(id=one.case_id)
    if case.state is not CaseState.PRE_REVIEW or await booking.has_live(case.thread_id):
        return
    left = (one.due_on - clock.today()).days
    await say(
        case,
        await _say(messages.OriginalsDue, case, await catalogue.guide(case.guide_id), one.due_on),
        f"cases.originals_due:{case.id}:{one.due_on}:{left}",
    )


async def _say(kind: type[messages.PreReviewed], case: Case, guide: GuideView, show_by: date) -> messages.PreReviewed:
    return kind(
        thread_id=str(case.thread_id),
        number=await number_of(case),
        item=guide.item.name,
        at=clock.now(),
        show_by=show_by,
    )
