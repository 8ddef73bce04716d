"""Papers that follow: brought to a window or sent from the phone, looked at, waited for, and what comes of lateness."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Citizen, Staff, System
from server.errors import Conflict, FieldError, InvalidInput
from server.features.cases import messages
from server.features.cases.models import MOVES, Case, CaseState, Material, MaterialCheck, Tolerance
from server.features.cases.schemas import CaseOut, FollowingLine, MaterialIn, SendIn, UnsentIn
from server.features.cases.service import _resolve
from server.features.cases.service._desk import case_for
from server.features.cases.service._ending import end_if_nothing_is_left
from server.features.cases.service._following import lines_of
from server.features.cases.service._front import number_of, on_record, say, tell
from server.features.cases.service._paper import give_notice
from server.features.cases.service._pixels import check_pixels
from server.features.cases.service._rules import asked_of, check_uploads
from server.features.cases.service._tolerance import STILL_TO_COME
from server.features.cases.service._view import case_for as case_of_mine
from server.features.cases.service._view import screen
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView
from server.features.documents import service as documents
from server.features.thread import service as thread
from server.kit import clock

BY_ITSELF = System(name="cases.tolerance")
REMINDED = (3, 1)
# What was sent in time and does not do may be sent once more, though its day has come.
ONCE_MORE = 2


async def _standing(case: Case, guide: GuideView) -> tuple[Tolerance, dict[str, FollowingLine]]:
    """Give what a case waits for. Refuses `cases.not_awaited`."""
    known = await Tolerance.filter(case_id=case.id, closed_at=None).select_for_update().first()
    if known is None:
        raise Conflict("cases.not_awaited")
    return known, {line.key: line for line in await lines_of(case, known.keys, guide.content)}


@db.transactional
async def send(actor: Citizen, case_id: UUID, papers: SendIn) -> CaseOut:
    """Send papers that were to follow, from the phone: the desk sees them at once, and has still to look at them.

    What was sent and nobody has looked at may be sent anew. Refuses `cases.not_awaited`, `cases.wrong_state`.
    """
    case, guide, known, file_ids = await _may_send(actor, case_id, papers.materials)
    keys = [one.key for one in papers.materials]
    await documents.attach(actor, file_ids, case.thread_id)
    await Material.filter(case_id=case.id, rule_key__in=keys).delete()
    await MaterialCheck.filter(case_id=case.id, rule_key__in=keys).delete()
    await Material.bulk_create(
        [
            Material(case_id=case.id, rule_key=one.key, file_id=one.file_id, place=place)
            for place, one in enumerate(papers.materials)
        ]
    )
    await _keep_unsent(actor, case, known, [one for one in known.unsent if one["key"] not in keys])
    await case.move("send")
    await thread.record(case.thread_id, "cases.supplement_sent", actor, case_id=str(case.id))
    return await screen(case, actor, guide)


@db.transactional
async def keep_unsent(actor: Citizen, case_id: UUID, papers: UnsentIn) -> CaseOut:
    """Keep what was chosen and is not sent yet: exactly these files, seen by nobody else. Refuses what `send` does."""
    case, guide, known, _ = await _may_send(actor, case_id, papers.materials)
    await _keep_unsent(actor, case, known, [{"key": one.key, "file_id": str(one.file_id)} for one in papers.materials])
    return await screen(case, actor, guide)


async def _keep_unsent(actor: Citizen, case: Case, known: Tolerance, unsent: list[dict[str, str]]) -> None:
    await documents.hold(actor, [UUID(one["file_id"]) for one in unsent], case.thread_id)
    known.unsent = unsent
    await known.save(update_fields=["unsent"])


async def _may_send(
    actor: Citizen, case_id: UUID, materials: list[MaterialIn]
) -> tuple[Case, GuideView, Tolerance, list[UUID]]:
    case = await case_of_mine(actor, case_id, lock=True)
    file_ids = [one.file_id for one in materials]
    # First: another's file looks like none, wherever the case stands.
    await documents.require(actor, file_ids, case.thread_id)
    if case.state not in MOVES["send"].sources:
        raise Conflict("cases.wrong_state")
    guide = await catalogue.guide(case.guide_id)
    known, lines = await _standing(case, guide)
    keys = [one.key for one in materials]
    if any(key not in lines or lines[key].state == "received" for key in keys):
        raise Conflict("cases.not_awaited")
    content = asked_of(guide, case.situation)
    check_uploads(content, keys)
    await check_pixels(content.materials, zip(keys, file_ids, strict=True), actor.locale)
    if len(set(file_ids)) != len(file_ids):
        raise InvalidInput("invalid_input", fields=(FieldError("materials", "duplicate"),))
    return case, guide, known, file_ids


@db.transactional
async def supplement(actor: Staff, case_id: UUID, keys: list[str]) -> None:
    """Write down which of the papers are there and in order. With the last the case is accepted as any other.

    Refuses `cases.not_awaited` for a line nobody waits for, `cases.wrong_state`.
    """
    case = await case_for(actor, "supplement", case_id)
    known, lines = await _standing(case, await catalogue.guide(case.guide_id))
    awaited = [key for key, line in lines.items() if line.state != "received"]
    if not keys or not set(keys) <= set(awaited):
        raise Conflict("cases.not_awaited")
    await MaterialCheck.filter(case_id=case.id, rule_key__in=keys).delete()
    for key in dict.fromkeys(keys):
        await _receive(actor, case, key, sent=lines[key].state == "sent")
    await thread.record(case.thread_id, "cases.supplemented", actor, case_id=str(case.id))
    await on_record(actor, "cases.supplemented", case, keys=",".join(keys))
    if set(awaited) <= set(keys):
        known.closed_at = clock.now()
        await known.save(update_fields=["closed_at"])
        await case.move("complete", actor)
    await tell(case, await _received(case, known))


async def _received(case: Case, known: Tolerance) -> messages.Supplemented | messages.SupplementsWhole:
    """Say that papers have come, or that none is left to come: with the last one word for both."""
    matter = await thread.get(case.thread_id)
    if known.closed_at is not None:
        return messages.SupplementsWhole(
            thread_id=str(case.thread_id), number=matter.number, item=matter.title, at=clock.now()
        )
    return messages.Supplemented(
        case_id=str(case.id), number=matter.number, item=matter.title, at=clock.now(), due_on=known.due_on
    )


async def _receive(actor: Staff, case: Case, key: str, *, sent: bool) -> None:
    """Take one paper as received: the file that was sent, or else what lies on the counter."""
    if sent:
        await MaterialCheck(case_id=case.id, rule_key=key, verdict="received", staff_id=actor.staff_id).save()
        return
    await Material.filter(case_id=case.id, rule_key=key).delete()
    await Material(case_id=case.id, rule_key=key, source=_resolve.WINDOW).save(force_create=True)


@db.transactional
async def send_back(actor: Staff, case_id: UUID, key: str, reason: str) -> None:
    """Say that a paper the phone has sent does not do, and why; there are at least two working days to send another.

    Refuses `cases.not_awaited` for one that was not sent or was looked at, `cases.wrong_state`.
    """
    reason = await documents.printable(reason)
    case = await case_for(actor, "send_back", case_id)
    guide = await catalogue.guide(case.guide_id)
    known, lines = await _standing(case, guide)
    if key not in lines or lines[key].state != "sent":
        raise Conflict("cases.not_awaited")
    check = MaterialCheck(case_id=case.id, rule_key=key, verdict="wrong", staff_id=actor.staff_id)
    check.reason = reason
    await check.save(force_create=True)
    known.due_on = max(known.due_on, await catalogue.add_working_days(clock.today(), ONCE_MORE))
    await known.save(update_fields=["due_on"])
    await case.move("send_back", actor)
    await thread.record(case.thread_id, "cases.supplement_returned", actor, case_id=str(case.id))
    await on_record(actor, "cases.supplement_returned", case, keys=key)
    await tell(case, await _say(case, guide.item.name, messages.SupplementReturned, known))


async def end_unsupplemented() -> int:
    """End the cases whose papers did not come by their day; say how many."""
    # All of them, not the first so many: what was sent in time waits for the office, and nobody waits behind it.
    late = Tolerance.filter(closed_at=None, due_on__lt=clock.today()).order_by("due_on", "id")
    return sum([await _end(row_id, case_id) for row_id, case_id in await late.values_list("id", "case_id")])


@db.transactional
async def _end(tolerance_id: UUID, case_id: UUID) -> bool:
    # The case first, as everybody who changes it does: nobody waits for anybody in a ring.
    case = await Case.filter(id=case_id).select_for_update().get()
    late = await Tolerance.filter(id=tolerance_id, closed_at=None, due_on__lt=clock.today()).first()
    if late is None:
        return False
    guide = await catalogue.guide(case.guide_id)
    running = case.state is CaseState.ACCEPTED_WITH_DEFICIENCY
    if running and not await _owing(case, guide, late):
        # Sent in time: it is the office that has not looked yet.
        return False
    late.closed_at = clock.now()
    await late.save(update_fields=["closed_at"])
    if not running:
        return False
    await case.move("run_out")
    await documents.let_go(case.thread_id)
    await thread.stop_clock(case.thread_id, thread.ClockKind.DECIDE)
    await give_notice(BY_ITSELF, case, guide, "unsupplemented", mend_by=late.due_on)
    await thread.record(case.thread_id, "cases.unsupplemented", BY_ITSELF, case_id=str(case.id))
    number = await number_of(case)
    await tell(
        case,
        messages.CaseTerminated(thread_id=str(case.thread_id), number=number, item=guide.item.name, at=clock.now()),
    )
    await end_if_nothing_is_left(case.thread_id, BY_ITSELF)
    return True


async def _owing(case: Case, guide: GuideView, known: Tolerance) -> bool:
    lines = await lines_of(case, known.keys, guide.content)
    return any(line.state in STILL_TO_COME for line in lines)


async def remind_of_supplements() -> int:
    """Remind whoever has three days left, and one, to bring or send what was committed to; say how many."""
    days = {clock.today() + timedelta(days=left) for left in REMINDED}
    due = await Tolerance.filter(closed_at=None, due_on__in=days)
    for one in due:
        await _remind(one)
    return len(due)


@db.transactional
async def _remind(one: Tolerance) -> None:
    case = await Case.get(id=one.case_id)
    guide = await catalogue.guide(case.guide_id)
    if case.state is not CaseState.ACCEPTED_WITH_DEFICIENCY or not await _owing(case, guide, one):
        return
    left = (one.due_on - clock.today()).days
    await say(
        case,
        await _say(case, guide.item.name, messages.SupplementDue, one),
        f"cases.supplement_due:{case.id}:{one.due_on}:{left}",
    )


async def _say(case: Case, item: str, kind: type[messages.SupplementDue], known: Tolerance) -> messages.SupplementDue:
    return kind(case_id=str(case.id), number=await number_of(case), item=item, at=clock.now(), due_on=known.due_on)
