"""The front desk: accept, ask for all corrections at once, or decline with remedies. Each leaves a numbered notice."""

from __future__ import annotations

from uuid import UUID

from msgspec import to_builtins

from server import db
from server.actor import Staff
from server.errors import Conflict, FieldError, InvalidInput
from server.features.audit import service as audit
from server.features.cases import messages
from server.features.cases.models import Case
from server.features.cases.schemas import Correction, CorrectionLine
from server.features.cases.service._desk import FRONT, case_to_change
from server.features.cases.service._paper import give_notice
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideContent
from server.features.documents import service as documents
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock


@db.transactional
async def accept(actor: Staff, case_id: UUID) -> None:
    """Accept: the clock of the decision starts (this day does not count) and the applicant gets the notice."""
    case = await case_to_change(actor, case_id, *FRONT)
    guide = await catalogue.guide(case.guide_id)
    case.accepted_at = clock.now()
    case.accepted_by = actor.staff_id
    case.correction = None
    await case.move("accept")
    running = await thread.start_clock(
        case.thread_id,
        thread.ClockKind.DECIDE,
        promise_days=guide.content.promise_days,
        law_days=guide.content.legal_days,
    )
    await give_notice(case, guide, "acceptance", promise_on=running.promise_on, law_on=running.law_on)
    await thread.record(case.thread_id, "cases.accepted", actor, case_id=str(case.id), promise_on=running.promise_on)
    await tell(
        case,
        messages.CaseAccepted(
            thread_id=str(case.thread_id),
            number=await number_of(case),
            item=guide.item.name,
            department=guide.department.name,
            at=clock.now(),
            promise_on=running.promise_on,
        ),
    )
    await on_record(actor, "cases.accepted", case)


@db.transactional
async def ask_correction(actor: Staff, case_id: UUID, lines: list[CorrectionLine]) -> None:
    """Say everything that must be mended, once. Each line names a material or question of the guide.

    Refuses `cases.correction_empty`, `cases.correction_outside_guide`, and `cases.corrected_once` for a second round.
    """
    case = await case_to_change(actor, case_id, *FRONT)
    guide = await catalogue.guide(case.guide_id)
    if not lines:
        raise InvalidInput("cases.correction_empty")
    if case.correction is not None:
        raise Conflict("cases.corrected_once")
    names = _askable(guide.content)
    if foreign := [FieldError(f"lines.{line.key}", "unknown_field") for line in lines if line.key not in names]:
        raise InvalidInput("cases.correction_outside_guide", fields=tuple(foreign))
    lines = [CorrectionLine(key=line.key, reason=await documents.printable(line.reason)) for line in lines]
    case.correction = to_builtins(Correction(lines=lines, asked_at=clock.now()))
    await case.move("ask_correction")
    await give_notice(case, guide, "correction", asked=[(names[line.key], line.reason) for line in lines])
    await thread.record(case.thread_id, "cases.correction_asked", actor, case_id=str(case.id))
    number = await number_of(case)
    await tell(
        case,
        messages.CorrectionAsked(case_id=str(case.id), number=number, item=guide.item.name, at=clock.now()),
    )
    await on_record(actor, "cases.correction_asked", case)


def _askable(content: GuideContent) -> dict[str, str]:
    """Name every line of the guide that can be mended by the applicant, by its key."""
    names = {rule.key: rule.name for rule in content.materials if rule.exempt is None}
    return names | {field.key: field.label for field in content.form}


@db.transactional
async def decline(actor: Staff, case_id: UUID, reason: str) -> None:
    """Refuse to take the application, with the reason and the remedies in writing."""
    reason = await documents.printable(reason)
    case = await case_to_change(actor, case_id, *FRONT)
    guide = await catalogue.guide(case.guide_id)
    case.decided_at = clock.now()
    case.decided_by = actor.staff_id
    case.opinion = reason
    await case.move("decline")
    await give_notice(case, guide, "refusal", reason=reason)
    await thread.record(case.thread_id, "cases.declined", actor, case_id=str(case.id))
    number = await number_of(case)
    await tell(
        case,
        messages.CaseDeclined(thread_id=str(case.thread_id), number=number, item=guide.item.name, at=clock.now()),
    )
    await on_record(actor, "cases.declined", case)
    await thread.close(case.thread_id, actor)


async def tell(case: Case, message: push.Message) -> None:
    """Say to the applicant what happened; in the transaction of what happened."""
    await push.send(
        message,
        to=push.To(person_id=case.person_id),
        thread_id=case.thread_id,
        dedupe=f"{message.kind}:{case.id}:{case.version}",
    )


async def number_of(case: Case) -> str:
    """Give the public number of a case."""
    return (await thread.get(case.thread_id)).number


async def on_record(actor: Staff, action: str, case: Case) -> None:
    """Write an officer's deed into the audit."""
    await audit.record(actor, action, "case", case.id, person_id=case.person_id, thread_id=case.thread_id)
