"""The one extension of a decision: asked for by one officer, approved by another, told in writing with its reason."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import Conflict, FieldError, InvalidInput
from server.features.cases import messages
from server.features.cases.models import Case, Extension
from server.features.cases.service._claims import require_free
from server.features.cases.service._desk import case_for
from server.features.cases.service._front import number_of, on_record, tell
from server.features.cases.service._paper import LOCALE, give_notice
from server.features.cases.service._pauses import DECIDE, require_running
from server.features.cases.service._substitutes import hands_of
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.thread import service as thread
from server.kit import clock
from server.kit.texts import text

# 行政许可法 42: twenty working days and ten more; handled together, forty-five and fifteen more.
TOGETHER = 45
MOST, MOST_TOGETHER = 10, 15


def most_days(legal_days: int) -> int:
    """Give the working days an extension may have at most; never more than the law gave in the first place."""
    return min(legal_days, MOST_TOGETHER if legal_days >= TOGETHER else MOST)


@db.transactional
async def ask_extension(actor: Staff, case_id: UUID, days: int, reason: str) -> None:
    """Ask the head of the department for more working days, once a case and before the law's day has passed.

    Refuses `cases.extended_once`, `cases.too_late_to_extend`, `cases.paused`, `cases.claimed`, `invalid_input`.
    """
    reason = await documents.printable(reason)
    case = await case_for(actor, "extend", case_id)
    await require_free(actor, case)
    require_running(case)
    guide = await catalogue.guide(case.guide_id)
    if not 1 <= days <= most_days(guide.content.legal_days):
        raise InvalidInput("invalid_input", fields=(FieldError("days", "out_of_range"),))
    if await Extension.filter(case_id=case.id).exists():
        raise Conflict("cases.extended_once")
    _require_in_time(case)
    row = Extension(case_id=case.id, days=days, staff_id=actor.staff_id, for_id=case.acting_for)
    row.reason = reason
    await row.save(force_create=True)
    await case.move("extend", actor)
    await on_record(actor, "cases.extension_asked", case)


def _require_in_time(case: Case) -> None:
    if case.law_on is not None and clock.today() > case.law_on:
        raise Conflict("cases.too_late_to_extend")


@db.transactional
async def approve_extension(actor: Staff, case_id: UUID) -> None:
    """Approve what a colleague asked for: both days of the clock move on, and the applicant is told why in writing.

    Refuses `cases.no_extension_asked`, `cases.own_extension`, `cases.too_late_to_extend`, `cases.paused`.
    """
    case, row = await _asked(actor, case_id)
    if not (await hands_of(actor)).isdisjoint({row.staff_id, row.for_id}):
        raise Conflict("cases.own_extension")
    require_running(case)
    _require_in_time(case)
    row.approved_by, row.approved_at = actor.staff_id, clock.now()
    await row.save(update_fields=["approved_by", "approved_at"])
    running = await thread.extend_clock(case.thread_id, DECIDE, row.days)
    case.follow(running)
    await case.move("answer_extension", actor)
    guide = await catalogue.guide(case.guide_id)
    more = [(text(LOCALE, "documents.notice.row.more_days"), text(LOCALE, "cases.working_days", days=row.days))]
    await give_notice(
        actor,
        case,
        guide,
        "extension",
        promise_on=running.promise_on,
        law_on=running.law_on,
        reason=row.reason,
        asked=more,
    )
    await thread.record(
        case.thread_id, "cases.extended", actor, case_id=str(case.id), days=row.days, promise_on=running.promise_on
    )
    said = messages.CaseExtended(
        thread_id=str(case.thread_id), number=await number_of(case), item=guide.item.name, at=clock.now()
    )
    await tell(case, said)
    await on_record(actor, "cases.extended", case)


@db.transactional
async def return_extension(actor: Staff, case_id: UUID) -> None:
    """Send an extension back that was asked for and not approved: the days run on as they were."""
    case, row = await _asked(actor, case_id)
    await row.delete()
    await case.move("answer_extension", actor)
    await on_record(actor, "cases.extension_returned", case)


async def _asked(actor: Staff, case_id: UUID) -> tuple[Case, Extension]:
    case = await case_for(actor, "answer_extension", case_id)
    row = await Extension.filter(case_id=case.id, approved_by=None).get_or_none()
    if row is None:
        raise Conflict("cases.no_extension_asked")
    return case, row
