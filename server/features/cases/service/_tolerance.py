"""Accepting although a paper that may follow is lacking (容缺受理): committed to, told with its day, and waited for.

Rows 71 to 74 of the notices: only papers the guide flags, none of the others lacking; nothing done on the spot; all
told at once in writing; no grant before everything is there; ended when it is not there in time.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Staff, System
from server.errors import Conflict, FieldError, InvalidInput
from server.features.cases import messages
from server.features.cases.models import Case, CaseState, Material, MaterialCheck, Tolerance
from server.features.cases.schemas import ToleranceView
from server.features.cases.service import _resolve
from server.features.cases.service._desk import case_for
from server.features.cases.service._ending import end_if_nothing_is_left
from server.features.cases.service._front import accept_as, lacking, number_of, on_record, tell
from server.features.cases.service._paper import give_notice, to_follow
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView
from server.features.documents import service as documents
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock

BY_ITSELF = System(name="cases.tolerance")
REMINDED = (3, 1)
_WHY_NOT = {
    "on_the_spot": "cases.not_tolerable_on_the_spot",
    "main_lacking": "cases.not_tolerable_main_lacking",
    "nothing_flagged": "cases.not_tolerable_nothing_flagged",
}


async def tolerance_of(case: Case, guide: GuideView) -> ToleranceView:
    """Say what may follow and why not, before it is accepted; afterwards what is still to come, and until when."""
    known = await Tolerance.get_or_none(case_id=case.id)
    if known is not None:
        held = {row.rule_key for row in await Material.filter(case_id=case.id)}
        return ToleranceView(
            keys=[key for key in known.keys if key not in held],
            refused=None,
            most_days=0,
            due_on=known.due_on,
            open=known.closed_at is None,
        )
    refused, keys = await _tolerable(case, guide)
    return ToleranceView(keys=keys, refused=refused, most_days=_most(guide), due_on=None, open=False)


@db.transactional
async def accept_with_deficiency(actor: Staff, case_id: UUID, *, days: int, signed: bool) -> None:
    """Accept on the applicant's signed commitment to bring what may follow within `days` working days.

    Refuses `cases.not_tolerable_…` with the reason to be told at once, `cases.commitment_needed`, `invalid_input`.
    """
    case = await case_for(actor, "tolerate", case_id)
    guide = await catalogue.guide(case.guide_id)
    refused, keys = await _tolerable(case, guide)
    if refused is not None:
        raise Conflict(_WHY_NOT[refused])
    if not signed:
        raise InvalidInput("cases.commitment_needed", fields=(FieldError("signed", "required"),))
    if not 1 <= days <= _most(guide):
        raise InvalidInput("invalid_input", fields=(FieldError("days", "out_of_range"),))
    due_on = await catalogue.add_working_days(clock.today(), days)
    await Tolerance(case_id=case.id, keys=keys, due_on=due_on, staff_id=actor.staff_id).save(force_create=True)
    names = {rule.key: rule.name for rule in guide.content.materials}
    told = to_follow([names[key] for key in keys], due_on)
    await accept_as(actor, case, guide, "tolerate", told=told)
    await on_record(actor, "cases.tolerated", case, keys=",".join(keys))


@db.transactional
async def supplement(actor: Staff, case_id: UUID, keys: list[str]) -> None:
    """Write down which of the papers have come. With the last of them the case is accepted as any other.

    Refuses `cases.not_awaited` for a line nobody waits for, `cases.wrong_state`.
    """
    case = await case_for(actor, "supplement", case_id)
    known = await Tolerance.filter(case_id=case.id, closed_at=None).get_or_none()
    held = {row.rule_key for row in await Material.filter(case_id=case.id)}
    awaited = [] if known is None else [key for key in known.keys if key not in held]
    if known is None or not keys or not set(keys) <= set(awaited):
        raise Conflict("cases.not_awaited")
    for key in dict.fromkeys(keys):
        await Material(case_id=case.id, rule_key=key, source=_resolve.WINDOW).save(force_create=True)
    await MaterialCheck.filter(case_id=case.id, rule_key__in=keys).delete()
    await thread.record(case.thread_id, "cases.supplemented", actor, case_id=str(case.id))
    await on_record(actor, "cases.supplemented", case, keys=",".join(keys))
    if set(awaited) <= set(keys):
        known.closed_at = clock.now()
        await known.save(update_fields=["closed_at"])
        await case.move("complete", actor)


async def require_nothing_awaited(case: Case) -> None:
    """Keep the result back until every paper is there. Refuses `cases.tolerance_open`."""
    if await Tolerance.filter(case_id=case.id, closed_at=None).exists():
        raise Conflict("cases.tolerance_open")


async def end_unsupplemented() -> int:
    """End the cases whose papers did not come by their day; say how many."""
    ended = 0
    for late in await Tolerance.filter(closed_at=None, due_on__lt=clock.today()).limit(200):
        ended += await _end(late.id)
    return ended


@db.transactional
async def _end(tolerance_id: UUID) -> bool:
    late = await Tolerance.filter(id=tolerance_id, closed_at=None).select_for_update().first()
    if late is None:
        return False
    late.closed_at = clock.now()
    await late.save(update_fields=["closed_at"])
    case = await Case.filter(id=late.case_id).select_for_update().get()
    if case.state is not CaseState.ACCEPTED_WITH_DEFICIENCY:
        return False
    await case.move("run_out")
    await documents.let_go(case.thread_id)
    await thread.stop_clock(case.thread_id, thread.ClockKind.DECIDE)
    guide = await catalogue.guide(case.guide_id)
    await give_notice(case, guide, "unsupplemented", mend_by=late.due_on)
    await thread.record(case.thread_id, "cases.unsupplemented", BY_ITSELF, case_id=str(case.id))
    number = await number_of(case)
    await tell(
        case,
        messages.CaseTerminated(thread_id=str(case.thread_id), number=number, item=guide.item.name, at=clock.now()),
    )
    await end_if_nothing_is_left(case.thread_id, BY_ITSELF)
    return True


async def remind_of_supplements() -> int:
    """Remind whoever has three days left, and one, to bring what was committed to; say how many."""
    days = {clock.today() + timedelta(days=left) for left in REMINDED}
    due = await Tolerance.filter(closed_at=None, due_on__in=days)
    for one in due:
        await _remind(one)
    return len(due)


@db.transactional
async def _remind(one: Tolerance) -> None:
    case = await Case.get(id=one.case_id)
    if case.state is not CaseState.ACCEPTED_WITH_DEFICIENCY:
        return
    item = await catalogue.item(case.item_id)
    await push.send(
        messages.SupplementDue(
            thread_id=str(case.thread_id),
            number=await number_of(case),
            item=item.name,
            at=clock.now(),
            due_on=one.due_on,
        ),
        to=push.To(person_id=case.person_id),
        thread_id=case.thread_id,
        dedupe=f"cases.supplement_due:{case.id}:{(one.due_on - clock.today()).days}",
    )


async def _tolerable(case: Case, guide: GuideView) -> tuple[str | None, list[str]]:
    """Say which papers may follow, and why this case cannot be accepted so, if it cannot."""
    needed, flagged = await lacking(case, guide)
    if guide.content.handling == "instant" or _most(guide) < 1:
        return "on_the_spot", flagged
    if (
        needed
        or await MaterialCheck.filter(case_id=case.id)
        .exclude(verdict="received")
        .exclude(rule_key__in=flagged, verdict="missing")
        .exists()
    ):
        return "main_lacking", flagged
    return (None, flagged) if flagged else ("nothing_flagged", [])


def _most(guide: GuideView) -> int:
    """Give the most working days: what is awaited must be there before the promise runs out."""
    return guide.content.promise_days - 1
