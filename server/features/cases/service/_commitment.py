"""A commitment that is sent to the phone and signed there (容缺受理承诺): the window waits, the law's days run on.

The words are frozen when they are sent. Signing them accepts the case in the name of whoever sent them. Not signed by
its day, what is lacking is asked for as a correction, of which the words themselves have warned.
"""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Citizen, Staff, System
from server.errors import Conflict, FieldError, InvalidInput
from server.features.cases import messages
from server.features.cases.models import Case, Commitment, Telling
from server.features.cases.schemas import CaseOut, CommitIn, CorrectionLine, CorrectionPolicy
from server.features.cases.service._desk import case_for
from server.features.cases.service._following import live_commitment
from server.features.cases.service._front import number_of, on_record, tell
from server.features.cases.service._paper import LOCALE
from server.features.cases.service._telling import tell_to_mend
from server.features.cases.service._tolerance import accept_tolerated, most_days, require_tolerable, tolerable
from server.features.cases.service._view import case_for as case_of_mine
from server.features.cases.service._view import screen
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock
from server.kit.spoken import spoken
from server.kit.texts import text

# Of the words below `cases.commitment.line`: changed words are another version.
VERSION = "2026-11"
UNSIGNED = System(name="cases.commitment")


@db.transactional
async def offer_commitment(actor: Staff, case_id: UUID, *, days: int) -> None:
    """Send the words to the phone the application came from, to be signed there; what is to come has `days`.

    Refuses `cases.not_tolerable_…` with its reason, `.not_by_phone`, `.already_offered`, `invalid_input` for the days.
    """
    case = await case_for(actor, "offer", case_id)
    guide = await catalogue.guide(case.guide_id)
    if case.channel != "phone" or case.account_id is None:
        raise Conflict("cases.not_by_phone")
    keys = await require_tolerable(case, guide)
    if not 1 <= days <= most_days(guide):
        raise InvalidInput("invalid_input", fields=(FieldError("days", "out_of_range"),))
    if await live_commitment(case) is not None:
        raise Conflict("cases.already_offered")
    due_on = await catalogue.add_working_days(clock.today(), days)
    offered = Commitment(case_id=case.id, version=VERSION, keys=keys, due_on=due_on, staff_id=actor.staff_id)
    # The office must have answered by the law's day: it cannot wait longer for a signature.
    offered.sign_by = min(due_on, case.law_on or due_on)
    offered.lines = await _words(case, guide, offered)
    await offered.save(force_create=True)
    await case.move("offer", actor)
    await thread.record(
        case.thread_id, "cases.commitment_offered", actor, case_id=str(case.id), sign_by_on=offered.sign_by
    )
    await on_record(actor, "cases.commitment_offered", case, keys=",".join(keys))
    await tell(
        case,
        messages.CommitmentOffered(
            case_id=str(case.id),
            number=await number_of(case),
            item=guide.item.name,
            at=clock.now(),
            sign_by=offered.sign_by,
        ),
    )


async def _words(case: Case, guide: GuideView, offered: Commitment) -> list[str]:
    person = await identity.person(case.person_id)
    enterprise = await identity.enterprise(case.enterprise_id) if case.enterprise_id else None
    names = {rule.key: rule.name for rule in guide.content.materials}
    said = {
        "applicant": enterprise.name if enterprise else person.name,
        "item": guide.item.name,
        "number": await number_of(case),
        "names": text(LOCALE, "common.comma").join(names[key] for key in offered.keys),
        "due_on": spoken(LOCALE, offered.due_on),
        "sign_by": spoken(LOCALE, offered.sign_by),
    }
    lines = ("who", "papers", "true", "late", "unsigned")
    return [text(LOCALE, f"cases.commitment.line.{line}", **said) for line in lines]


@db.transactional
async def recall_commitment(actor: Staff, case_id: UUID) -> None:
    """Take the words back before they are signed. Refuses `cases.no_commitment`."""
    case = await case_for(actor, "recall_offer", case_id)
    offered = await live_commitment(case, lock=True)
    if offered is None:
        raise Conflict("cases.no_commitment")
    offered.state = "closed"
    await offered.save(update_fields=["state"])
    await case.move("recall_offer", actor)
    await thread.record(case.thread_id, "cases.commitment_recalled", actor, case_id=str(case.id))
    await on_record(actor, "cases.commitment_recalled", case)


@db.transactional
async def commit(actor: Citizen, case_id: UUID, signed: CommitIn) -> CaseOut:
    """Sign: the case is accepted, what is lacking follows until the day in the words.

    Refuses `cases.commitment_unread` where the box is not ticked, `cases.no_commitment` for other words than those that
    lie there now, `cases.commitment_over` where something else is lacking by now.
    """
    case = await case_of_mine(actor, case_id, lock=True)
    offered = await _mine(case, signed.commitment_id)
    if signed.version != offered.version:
        raise Conflict("cases.no_commitment")
    if not signed.agreed:
        raise InvalidInput("cases.commitment_unread", fields=(FieldError("agreed", "required"),))
    guide = await catalogue.guide(case.guide_id)
    refused, keys = await tolerable(case, guide)
    if refused is not None or keys != offered.keys:
        raise Conflict("cases.commitment_over")
    await _answer(offered, actor, "signed")
    await thread.record(case.thread_id, "cases.committed", actor, case_id=str(case.id))
    await accept_tolerated(actor, case, guide, "commit", keys=keys, due_on=offered.due_on, by=offered.staff_id)
    return await screen(case, actor, guide)


@db.transactional
async def refuse_commitment(actor: Citizen, case_id: UUID, commitment_id: UUID) -> CaseOut:
    """Not sign: the window goes on with the application and asks for what is lacking. Refuses `cases.no_commitment`."""
    case = await case_of_mine(actor, case_id, lock=True)
    await _answer(await _mine(case, commitment_id), actor, "refused")
    await case.move("refuse_offer")
    await thread.record(case.thread_id, "cases.commitment_refused", actor, case_id=str(case.id))
    return await screen(case, actor)


async def _mine(case: Case, commitment_id: UUID) -> Commitment:
    offered = await live_commitment(case, lock=True)
    if offered is None or offered.id != commitment_id or offered.sign_by < clock.today():
        raise Conflict("cases.no_commitment")
    return offered


async def _answer(offered: Commitment, actor: Citizen, state: str) -> None:
    offered.state, offered.account_id, offered.answered_at = state, actor.account_id, clock.now()
    await offered.save(update_fields=["state", "account_id", "answered_at"])


async def end_unsigned() -> int:
    """Ask for what is lacking as a correction where nobody signed by the day; say how many ended so."""
    ended = 0
    for late in await Commitment.filter(state="offered", sign_by__lt=clock.today()).limit(200):
        ended += await _leave(late.id, late.case_id)
    return ended


@db.transactional
async def _leave(commitment_id: UUID, case_id: UUID) -> bool:
    # The case first, as everybody who changes it does: nobody waits for anybody in a ring.
    case = await Case.filter(id=case_id).select_for_update().get()
    late = await Commitment.filter(id=commitment_id, state="offered").select_for_update().first()
    if late is None:
        return False
    live = await live_commitment(case) is not None
    late.state = "closed"
    await late.save(update_fields=["state"])
    # Told once already: what was not named then is not asked for now, and silence accepts.
    if not live or await Telling.filter(case_id=case.id).exists():
        return False
    guide = await catalogue.guide(case.guide_id)
    lines = [CorrectionLine(key=key, reason=text(LOCALE, "cases.commitment.unsigned")) for key in late.keys]
    days = (await catalogue.policy(CorrectionPolicy, case.region_code)).usual_days
    await tell_to_mend(UNSIGNED, case, guide, lines, verb="leave_unsigned", days=days, by=late.staff_id)
    return True
