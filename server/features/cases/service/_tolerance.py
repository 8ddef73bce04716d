"""Accepting although a paper that may follow is lacking (容缺受理): committed to, told with its day, and waited for.

Rows 71 to 74 of the notices: only papers the guide flags, none of the others lacking; nothing done on the spot, nobody
whose word was found untrue; all told at once in writing; no grant before everything is there; ended when it is not
there in time.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from server import db
from server.actor import Actor, Staff
from server.errors import Conflict, FieldError, InvalidInput
from server.features.cases.models import Case, Commitment, MaterialCheck, PledgeBar, Tolerance
from server.features.cases.schemas import CommitmentAtDesk, ToleranceView
from server.features.cases.service._desk import case_for
from server.features.cases.service._following import lines_of
from server.features.cases.service._front import accept_as, lacking, on_record
from server.features.cases.service._paper import to_follow
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView
from server.kit import clock

STILL_TO_COME = ("awaited", "returned")
_WHY_NOT = {
    "on_the_spot": "cases.not_tolerable_on_the_spot",
    "main_lacking": "cases.not_tolerable_main_lacking",
    "dishonest": "cases.not_tolerable_dishonest",
    "nothing_flagged": "cases.not_tolerable_nothing_flagged",
}


async def tolerance_of(case: Case, guide: GuideView) -> ToleranceView:
    """Say what may follow and why not, before it is accepted; afterwards what is still to come, and until when."""
    known = await Tolerance.get_or_none(case_id=case.id)
    commitment = await _commitment_of(case)
    if known is not None:
        lines = await lines_of(case, known.keys, guide.content)
        return ToleranceView(
            keys=[line.key for line in lines if line.state in STILL_TO_COME],
            refused=None,
            most_days=0,
            due_on=known.due_on,
            open=known.closed_at is None,
            commitment=commitment,
            lines=lines,
        )
    refused, keys = await tolerable(case, guide)
    return ToleranceView(
        keys=keys,
        refused=refused,
        most_days=most_days(guide),
        due_on=None,
        open=False,
        by_phone=case.channel == "phone" and case.account_id is not None,
        commitment=commitment,
    )


async def _commitment_of(case: Case) -> CommitmentAtDesk | None:
    row = await Commitment.filter(case_id=case.id).exclude(state="closed").order_by("-created_at").first()
    if row is None:
        return None
    return CommitmentAtDesk(
        state=row.state,
        lines=row.lines,
        offered_at=row.created_at,
        sign_by=row.sign_by,
        answered_at=row.answered_at,
    )


@db.transactional
async def accept_with_deficiency(actor: Staff, case_id: UUID, *, days: int, signed: bool) -> None:
    """Accept on the applicant's signed commitment to bring what may follow within `days` working days.

    Refuses `cases.not_tolerable_…` with the reason to be told at once, `cases.commitment_needed`, `invalid_input`.
    """
    case = await case_for(actor, "tolerate", case_id)
    guide = await catalogue.guide(case.guide_id)
    keys = await require_tolerable(case, guide)
    if not signed:
        raise InvalidInput("cases.commitment_needed", fields=(FieldError("signed", "required"),))
    if not 1 <= days <= most_days(guide):
        raise InvalidInput("invalid_input", fields=(FieldError("days", "out_of_range"),))
    due_on = await catalogue.add_working_days(clock.today(), days)
    await accept_tolerated(actor, case, guide, "tolerate", keys=keys, due_on=due_on, by=actor.staff_id)
    await on_record(actor, "cases.tolerated", case, keys=",".join(keys))


async def accept_tolerated(
    actor: Actor, case: Case, guide: GuideView, verb: str, *, keys: list[str], due_on: date, by: UUID
) -> None:
    """Accept by `verb`, and write down what is to come by when; the notice says both."""
    # What was marked as lacking is promised now.
    await MaterialCheck.filter(case_id=case.id, rule_key__in=keys).delete()
    await Tolerance(case_id=case.id, keys=keys, due_on=due_on, staff_id=by).save(force_create=True)
    names = {rule.key: rule.name for rule in guide.content.materials}
    told = to_follow([names[key] for key in keys], due_on)
    await accept_as(actor, case, guide, verb, by=by, told=told)


async def require_nothing_awaited(case: Case) -> None:
    """Keep the result back until every paper is there. Refuses `cases.tolerance_open`."""
    if await awaits_papers(case.id):
        raise Conflict("cases.tolerance_open")


async def awaits_papers(case_id: UUID) -> bool:
    """Say whether papers that were promised have not all come."""
    return await Tolerance.filter(case_id=case_id, closed_at=None).exists()


async def require_complete(case_id: UUID) -> None:
    """Keep the result of a case back until every paper is there. Refuses `cases.tolerance_open`."""
    await require_nothing_awaited(await Case.get(id=case_id))


async def require_tolerable(case: Case, guide: GuideView) -> list[str]:
    """Give the papers that may follow. Refuses `cases.not_tolerable_…` with the reason to be told at once."""
    refused, keys = await tolerable(case, guide)
    if refused is not None:
        raise Conflict(_WHY_NOT[refused])
    return keys


async def tolerable(case: Case, guide: GuideView) -> tuple[str | None, list[str]]:
    """Say which papers may follow, and why this case cannot be accepted so, if it cannot."""
    needed, flagged = await lacking(case, guide)
    if guide.content.handling == "instant" or most_days(guide) < 1:
        return "on_the_spot", flagged
    if (
        needed
        or await MaterialCheck.filter(case_id=case.id)
        .exclude(verdict="received")
        .exclude(rule_key__in=flagged, verdict="missing")
        .exists()
    ):
        return "main_lacking", flagged
    if flagged and await _is_barred(case):
        return "dishonest", flagged
    return (None, flagged) if flagged else ("nothing_flagged", [])


async def _is_barred(case: Case) -> bool:
    """Say whether the word of whoever applies counts for nothing yet: an earlier pledge was found untrue."""
    bars = PledgeBar.of_party(case.person_id, case.enterprise_id)
    return await bars.filter(until_on__gte=clock.today()).exists()


def most_days(guide: GuideView) -> int:
    """Give the most working days: what is awaited must be there before the promise runs out."""
    return guide.content.promise_days - 1
