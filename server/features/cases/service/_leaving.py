"""A case that ends without a decision: taken back at a desk by the applicant, or terminated with its basis in law."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Staff
from server.features.cases import messages
from server.features.cases.models import Case
from server.features.cases.service._claims import require_free
from server.features.cases.service._desk import case_for
from server.features.cases.service._ending import end_if_nothing_is_left
from server.features.cases.service._front import number_of, on_record, tell
from server.features.cases.service._paper import give_notice
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.thread import service as thread
from server.kit import clock

Said = type[messages.CaseTakenBack | messages.CaseTerminated]


@db.transactional
async def take_back(actor: Staff, case_id: UUID, reason: str) -> None:
    """Take an application back for the applicant, who asks for it at the desk; they are told, by message too."""
    await _leave(actor, case_id, "take_back", reason)


@db.transactional
async def terminate(actor: Staff, case_id: UUID, basis: str, *, seen: int | None = None) -> None:
    """End the handling where the law says so (the applicant has died, say): basis and remedies in writing.

    Refuses `cases.claimed` while a colleague has the case.
    """
    await _leave(actor, case_id, "terminate", basis, seen=seen)


# By deed: the notice, the step of the timeline, the message, what the audit says.
_LEFT: dict[str, tuple[str, str, Said]] = {
    "take_back": ("withdrawal", "cases.withdrawn", messages.CaseTakenBack),
    "terminate": ("termination", "cases.terminated", messages.CaseTerminated),
}


async def _leave(actor: Staff, case_id: UUID, verb: str, reason: str, *, seen: int | None = None) -> None:
    notice, step, message = _LEFT[verb]
    reason = await documents.printable(reason)
    case = await case_for(actor, verb, case_id, seen=seen)
    if verb == "terminate":
        await require_free(actor, case)
    case.opinion = reason
    await case.move(verb, actor)
    await documents.let_go(case.thread_id)
    await thread.stop_clock(case.thread_id, thread.ClockKind.RECEIVE)
    await thread.stop_clock(case.thread_id, thread.ClockKind.DECIDE)
    await give_notice(actor, case, await catalogue.guide(case.guide_id), notice, reason=reason)
    await thread.record(case.thread_id, step, actor, case_id=str(case.id))
    await _say(case, message)
    await on_record(actor, step, case)
    await end_if_nothing_is_left(case.thread_id, actor)


async def _say(case: Case, message: Said) -> None:
    item = await catalogue.item(case.item_id)
    number = await number_of(case)
    await tell(case, message(thread_id=str(case.thread_id), number=number, item=item.name, at=clock.now()))
