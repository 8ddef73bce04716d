"""The front desk: accept, or decline with remedies, which a window can only propose. Each leaves a numbered notice."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import convert, to_builtins

from server import db
from server.actor import Actor, Staff
from server.errors import Conflict, Forbidden, InvalidInput
from server.features.audit import service as audit
from server.features.cases import messages
from server.features.cases.models import BY_OFFICE, MOVES, TO_ACCEPT, Case, Material, MaterialCheck
from server.features.cases.schemas import Proposal
from server.features.cases.service._desk import case_for, case_to_change, require, within
from server.features.cases.service._originals import require_no_originals
from server.features.cases.service._paper import give_notice
from server.features.cases.service._receiving import stop_receiving
from server.features.cases.service._resolve import on_hand
from server.features.cases.service._rules import asked_materials, asked_of, check_form, missing_of
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView
from server.features.documents import service as documents
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock


async def accept_one(actor: Staff, case: Case) -> None:
    """Accept: the clock of the decision starts (this day does not count) and the applicant gets the notice.

    Refuses `cases.originals_first` for what goes through the pre-review, `cases.still_missing`,
    `cases.tolerance_needed` where a paper that may follow is lacking, and at a window `cases.materials_missing` and
    `invalid_input` for a form half done.
    """
    guide = await catalogue.guide(case.guide_id)
    await require_no_originals(case, guide)
    await require_complete(case, guide)
    await accept_as(actor, case, guide, "accept", by=actor.staff_id)
    await on_record(actor, "cases.accepted", case)


async def accept_as(
    actor: Actor, case: Case, guide: GuideView, verb: str, *, by: UUID | None, told: list[tuple[str, str]] | None = None
) -> None:
    """Take a case on by `accept`, or by `tolerate` or `commit` with what the notice tells of the papers that follow.

    `by` is the officer who answers for it: whoever sent the words that are signed on a phone. It is nobody where the
    rules decide at once: then the grant is said, and no word before it.
    """
    case.accepted_at = clock.now()
    case.accepted_by = by
    case.correction = None
    case.proposal = None
    await begin_deciding(actor, case, guide, verb, told=told, quiet=by is None)


async def lacking(case: Case, guide: GuideView) -> tuple[list[str], list[str]]:
    """List the lines of the guide this case lacks: those that must be there, and those that may follow."""
    rules = asked_materials(asked_of(guide, case.situation), case.form)
    held = {row.rule_key for row in await Material.filter(case_id=case.id)}
    held |= (await on_hand(case, rules, held)).keys
    owed = [rule for rule in rules if rule.exempt is None and rule.key not in held]
    return [rule.key for rule in owed if rule.need == "required"], [
        rule.key for rule in owed if rule.need == "deficiency"
    ]


async def require_complete(case: Case, guide: GuideView) -> None:
    """What is marked missing or wrong is not complete; what a phone has handed in was counted when it came."""
    if await MaterialCheck.filter(case_id=case.id).exclude(verdict="received").exists():
        raise Conflict("cases.still_missing")
    if (await lacking(case, guide))[1]:
        raise Conflict("cases.tolerance_needed")
    if case.channel not in BY_OFFICE or case.state not in TO_ACCEPT:
        return
    check_form(asked_of(guide, case.situation), case.form)
    rules = asked_materials(asked_of(guide, case.situation), case.form)
    held = {row.rule_key for row in await Material.filter(case_id=case.id)}
    held |= (await on_hand(case, rules, held)).keys
    if missing := missing_of(rules, held):
        raise InvalidInput("cases.materials_missing", fields=missing)


async def begin_deciding(
    actor: Actor,
    case: Case,
    guide: GuideView,
    verb: str,
    *,
    started_on: date | None = None,
    told: list[tuple[str, str]] | None = None,
    quiet: bool = False,
) -> None:
    """Take the case on by `verb`: start the clock of the decision and say so. `deem` is where an office kept silent.

    `quiet`: the notice is written, but no message sent.
    """
    await stop_receiving(case)
    running = await thread.start_clock(
        case.thread_id,
        thread.ClockKind.DECIDE,
        # An item of a theme is decided within what its departments have agreed on.
        promise_days=min(
            guide.content.promise_days, guide.content.promise_days if case.agreed_days is None else case.agreed_days
        ),
        law_days=guide.content.legal_days,
        started_on=started_on,
    )
    case.follow(running)
    await case.move(verb, actor)
    kind, step = _ACCEPTED[verb]
    await give_notice(actor, case, guide, kind, promise_on=running.promise_on, law_on=running.law_on, asked=told)
    await thread.record(case.thread_id, step, actor, case_id=str(case.id), promise_on=running.promise_on)
    if quiet:
        return
    await say_accepted(case, guide, running.promise_on)


async def say_accepted(case: Case, guide: GuideView, promise_on: date) -> None:
    """Say that a case, or a theme with all its items, is taken on, and by when it is decided."""
    await tell(
        case,
        messages.CaseAccepted(
            thread_id=str(case.thread_id),
            number=await number_of(case),
            item=guide.item.name,
            department=guide.department.name,
            at=clock.now(),
            promise_on=promise_on,
        ),
    )


# By deed: the notice and the step of the timeline.
_ACCEPTED = {
    "accept": ("acceptance", "cases.accepted"),
    "see_originals": ("acceptance", "cases.accepted"),
    "tolerate": ("acceptance_tolerated", "cases.tolerated"),
    "commit": ("acceptance_tolerated", "cases.tolerated"),
    "deem": ("acceptance_deemed", "cases.deemed_accepted"),
}


@db.transactional
async def propose_refusal(actor: Staff, case_id: UUID, reason: str) -> None:
    """Ask a superior to refuse: a window alone cannot (窗口无权否决). The five days run on meanwhile.

    Refuses `cases.wrong_state`, `cases.already_proposed`.
    """
    reason = await documents.printable(reason)
    case = await case_for(actor, "propose", case_id)
    if case.proposal is not None:
        raise Conflict("cases.already_proposed")
    case.proposal = to_builtins(Proposal(reason=reason, by=actor.staff_id, at=clock.now()))
    await _keep_proposal(case)
    await on_record(actor, "cases.refusal_proposed", case)


@db.transactional
async def return_refusal(actor: Staff, case_id: UUID) -> None:
    """Send a proposed refusal back: the window takes the application up again. Refuses `cases.not_proposed`."""
    case = await case_for(actor, "return_refusal", case_id)
    if case.proposal is None:
        raise Conflict("cases.not_proposed")
    case.proposal = None
    await _keep_proposal(case)
    await on_record(actor, "cases.refusal_returned", case)


async def _keep_proposal(case: Case) -> None:
    case.updated_at = clock.now()
    await case.save(update_fields=["proposal_sealed", "updated_at"])


@db.transactional
async def decline(actor: Staff, case_id: UUID, reason: str) -> None:
    """Refuse to take the application, with the reason and the remedies in writing: a superior's deed.

    Refuses `cases.window_cannot_refuse`, `cases.own_proposal`, `cases.wrong_state`.
    """
    reason = await documents.printable(reason)
    case = await case_to_change(actor, case_id)
    if not await within(actor, case, *MOVES["decline"].roles):
        raise Forbidden("cases.window_cannot_refuse")
    await require(actor, case, "decline")
    if case.proposal is not None and convert(case.proposal, Proposal, strict=False).by == actor.staff_id:
        raise Conflict("cases.own_proposal")
    guide = await catalogue.guide(case.guide_id)
    case.proposal = None
    case.decided_at = clock.now()
    case.decided_by = actor.staff_id
    case.decided_under = None if case.right is None else case.right.delegation_id
    case.opinion = reason
    await case.move("decline", actor)
    await stop_receiving(case)
    await give_notice(actor, case, guide, "refusal", reason=reason)
    await thread.record(case.thread_id, "cases.declined", actor, case_id=str(case.id))
    number = await number_of(case)
    await tell(
        case,
        messages.CaseDeclined(thread_id=str(case.thread_id), number=number, item=guide.item.name, at=clock.now()),
    )
    await on_record(actor, "cases.declined", case)
    await thread.close(case.thread_id, actor)


async def tell(case: Case, message: push.Message) -> None:
    """Say to the applicant what happened; in the transaction of what happened.

    What is said of a theme as a whole is not said of each of its items as well.
    """
    if case.parent_id is not None and isinstance(message, messages.OF_THE_WHOLE):
        return
    await say(case, message, f"{message.kind}:{case.id}:{case.version}")


async def say(case: Case, message: push.Message, dedupe: str) -> None:
    """Say something of a case once for each `dedupe`: to its person, or to whoever acts for its enterprise today."""
    await push.send_to_party(
        message,
        person_id=case.person_id,
        enterprise_id=case.enterprise_id,
        thread_id=case.thread_id,
        dedupe=dedupe,
    )


async def tell_of_department(case: Case, message: type[messages.CaseRouted], department: str) -> None:
    """Say that the case lies with its department, in the words of `message`."""
    matter = await thread.get(case.thread_id)
    said = message(
        thread_id=str(case.thread_id), number=matter.number, item=matter.title, department=department, at=clock.now()
    )
    await tell(case, said)


async def number_of(case: Case) -> str:
    """Give the public number of a case."""
    return (await thread.get(case.thread_id)).number


async def on_record(actor: Staff, action: str, case: Case, **said: str | None) -> None:
    """Write an officer's deed into the audit, whom they did it for, if somebody is on leave, and by what instrument."""
    said["for_staff"] = None if case.acting_for is None else str(case.acting_for)
    said["under"] = None if case.right is None else case.right.under
    known = {name: value for name, value in said.items() if value is not None}
    await audit.record(actor, action, "case", case.id, person_id=case.holder_id, thread_id=case.thread_id, **known)
