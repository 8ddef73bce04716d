"""Who of a department has taken a case up. Nobody works over the head of a colleague; whoever must, says why."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import Conflict
from server.features.cases import messages
from server.features.cases.models import Case, CaseState
from server.features.cases.service._desk import case_for, moment
from server.features.cases.service._front import on_record, tell_of_department
from server.features.cases.service._substitutes import stands_in_for
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock

# The word that a case is accepted says who decides it: taken up so soon, that word carries both.
SAME_MOMENT = timedelta(minutes=10)


@db.transactional
async def claim(actor: Staff, case_id: UUID, *, over: str = "") -> None:
    """Take a case up: the applicant reads that it is under review. `over` is why it is taken from a colleague;
    nobody asks it of whoever acts for them.

    Refuses `cases.claimed` while a colleague has it and nothing is said why.
    """
    case = await case_for(actor, "claim", case_id)
    if case.claimed_by == actor.staff_id:
        return
    if case.claimed_by is not None and not over.strip():
        await require_free(actor, case)
    before, case.claimed_by, case.claimed_at = case.claimed_by, actor.staff_id, clock.now()
    fresh = case.state is CaseState.ACCEPTED
    await case.move("begin" if fresh else "claim", actor)
    if fresh:
        await thread.record(case.thread_id, "cases.in_review", actor, case_id=str(case.id))
        await _say(case)
    why = {} if before is None else {"taken_from": str(before)}
    if over.strip():
        why["reason"] = await documents.printable(over)
    await on_record(actor, "cases.claimed", case, **why)


async def _say(case: Case) -> None:
    """Tell that it is looked at; whoever was told a moment ago who looks at it now is not told twice."""
    if case.accepted_at is not None and clock.now() - case.accepted_at < SAME_MOMENT:
        return
    await tell_of_department(case, messages.CaseInReview, (await catalogue.department(case.department_id)).name)


@db.transactional
async def release(actor: Staff, case_id: UUID) -> None:
    """Lay a case back for the others. Refuses `cases.claimed` where a colleague has it; nothing to do if nobody has."""
    case = await case_for(actor, "release", case_id)
    await require_free(actor, case)
    if case.claimed_by is None:
        return
    case.claimed_by = case.claimed_at = None
    await case.move("release", actor)
    await on_record(actor, "cases.released", case)


async def require_free(actor: Staff, case: Case) -> None:
    """Refuse `cases.claimed`, saying who and since when, where a colleague has taken the case up.

    Whoever acts for that colleague today goes on with it, and what they do is on record as done for them.
    """
    if case.claimed_by in (None, actor.staff_id) or case.claimed_at is None:
        return
    assert case.claimed_by is not None  # noqa: S101 - said above
    if case.claimed_by in await stands_in_for(actor):
        case.acting_for = case.claimed_by
        return
    who = (await identity.staff_labels([case.claimed_by]))[case.claimed_by][1]
    raise Conflict("cases.claimed", who=who, at=moment(actor.locale, case.claimed_at))
