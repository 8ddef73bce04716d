"""The decision. Whoever accepted a case does not decide it, except what is done on the spot.

An officer decides, or the rules of the guide (`_rulings`): what follows is the same.
"""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Actor, Staff
from server.errors import Conflict
from server.features.cases import messages
from server.features.cases.models import Case
from server.features.cases.service._claims import require_free
from server.features.cases.service._desk import case_for
from server.features.cases.service._front import number_of, on_record, tell
from server.features.cases.service._opinions import require_joined
from server.features.cases.service._paper import give_notice, hand_of
from server.features.cases.service._pauses import require_running
from server.features.cases.service._references import require_found
from server.features.cases.service._spot_checks import open_checks
from server.features.cases.service._substitutes import hands_of
from server.features.cases.service._tolerance import require_nothing_awaited
from server.features.cases.service._visit_views import require_visited
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView
from server.features.certificates import service as certificates
from server.features.documents import service as documents
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import is_walked
from server.ports import Signer


@db.transactional
async def grant(actor: Staff, signer: Signer, case_id: UUID, opinion: str | None, *, seen: int | None = None) -> None:
    """Decide yes: the clock stops, the notice is written, and the certificate is issued in the same transaction.

    `seen` is the version of the case the officer looked at: nobody decides on what has changed meanwhile.
    """
    opinion = await documents.printable(opinion) if opinion and opinion.strip() else None
    case, guide = await _to_decide(actor, "grant", case_id, seen)
    await require_found(case)
    await grant_as(actor, signer, case, guide, opinion)
    await on_record(actor, "cases.granted", case)


async def grant_as(
    actor: Actor,
    signer: Signer,
    case: Case,
    guide: GuideView,
    reason: str | None,
    *,
    asked: list[tuple[str, str]] | None = None,
) -> None:
    """Grant for an officer, or for the rules of the guide; `asked` are more lines of the notice.

    Refuses what is lacking for any grant: `cases.tolerance_open`, `cases.opinions_open`, `cases.opinion_against`,
    `cases.visit_open`, `cases.visit_to_mend`.
    """
    await require_nothing_awaited(case)
    await require_joined(case)
    await require_visited(case)
    await _decide(actor, case, "grant", reason)
    await give_notice(actor, case, guide, "decision_granted", reason=reason, asked=asked)
    certificate_id: UUID | None = None
    result = guide.content.result
    if result.kind == "certificate" and result.certificate_type is not None:
        certificate_id = await certificates.issue(
            actor,
            signer,
            type_key=result.certificate_type,
            thread_id=case.thread_id,
            person_id=case.person_id,
            enterprise_id=case.enterprise_id,
            department_id=case.department_id,
            facts=_in_words(guide, case.form),
            validity_months=result.validity_months,
            sample=guide.content.sample or is_walked(case.thread_id),
            hand=hand_of(actor, case),
        )
    await open_checks(actor, case, guide)
    issued = {} if certificate_id is None else {"certificate_id": str(certificate_id)}
    await thread.record(case.thread_id, "cases.granted", actor, case_id=str(case.id), **issued)
    await _say(case, guide, messages.CaseGranted)


@thread.on("cases.granted")
async def announce_certificate(happening: thread.Recorded) -> None:
    """Say that the certificate is there after the decision it follows from, and before the matter may end."""
    issued = happening.step.data.get("certificate_id")
    if isinstance(issued, str):
        await certificates.announce(happening.actor, UUID(issued))


@db.transactional
async def deny(actor: Staff, case_id: UUID, reason: str, *, seen: int | None = None) -> None:
    """Decide no, with the reason and the remedies in writing; the matter ends, and may be rated."""
    reason = await documents.printable(reason)
    case, guide = await _to_decide(actor, "deny", case_id, seen)
    await _decide(actor, case, "deny", reason)
    await give_notice(actor, case, guide, "decision_denied", reason=reason)
    await thread.record(case.thread_id, "cases.denied", actor, case_id=str(case.id))
    await _say(case, guide, messages.CaseDenied)
    await on_record(actor, "cases.denied", case)
    await thread.close(case.thread_id, actor)


def _in_words(guide: GuideView, form: dict[str, str]) -> dict[str, str]:
    """Say what was chosen as the form said it: a certificate prints words, not the keys of choices."""
    said = {field.key: {choice.value: choice.label for choice in field.choices} for field in guide.content.form}
    return {key: said.get(key, {}).get(answer, answer) for key, answer in form.items()}


async def _to_decide(actor: Staff, verb: str, case_id: UUID, seen: int | None) -> tuple[Case, GuideView]:
    case = await case_for(actor, verb, case_id, seen=seen)
    await require_free(actor, case)
    require_running(case)
    guide = await catalogue.guide(case.guide_id)
    # Neither the one who accepted, nor somebody in their place.
    if case.accepted_by in await hands_of(actor) and guide.content.handling != "instant":
        raise Conflict("cases.same_officer")
    return case, guide


async def _decide(actor: Actor, case: Case, verb: str, opinion: str | None) -> None:
    case.decided_at = clock.now()
    case.decided_by = actor.staff_id if isinstance(actor, Staff) else None
    case.decided_for = case.acting_for
    case.decided_under = None if case.right is None else case.right.delegation_id
    case.opinion = opinion
    await case.move(verb, actor)
    await thread.stop_clock(case.thread_id, thread.ClockKind.DECIDE)


async def _say(case: Case, guide: GuideView, message: type[messages.CaseGranted | messages.CaseDenied]) -> None:
    await tell(
        case,
        message(
            thread_id=str(case.thread_id),
            number=await number_of(case),
            item=guide.item.name,
            department=guide.department.name,
            at=clock.now(),
        ),
    )
