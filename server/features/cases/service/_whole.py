"""What a theme's case does of itself: it follows its items, says what happened once, and ends when all have ended."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Actor, Staff
from server.errors import AppError, Conflict, Forbidden
from server.features.cases import messages
from server.features.cases.models import BY_OFFICE, MOVES, TO_ACCEPT, TO_DECIDE, Case, CaseState
from server.features.cases.service._desk import case_at_desk, case_for, has_power
from server.features.cases.service._ending import end_if_nothing_is_left
from server.features.cases.service._family import parts_of
from server.features.cases.service._front import accept_one, number_of, on_record, require_complete, say_accepted, tell
from server.features.cases.service._receiving import stop_receiving
from server.features.cases.service._splitting import split
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView
from server.features.thread import service as thread
from server.kit import clock

_WAITING = (*TO_ACCEPT, CaseState.CORRECTION_ASKED)


@db.transactional
async def accept(actor: Staff, case_id: UUID) -> None:
    """Accept a case; a theme's as one, each of its items to its department: all that may be accepted here, or none.

    Refuses `cases.not_authorised`, what `accept_one` refuses, and `cases.part_incomplete` naming the first item that
    is not in order.
    """
    case = await case_for(actor, "accept", case_id)
    if not case.whole:
        await accept_one(actor, case)
        return
    guide = await catalogue.guide(case.guide_id)
    if case.channel in BY_OFFICE:
        await require_complete(case, guide)
    waiting = [one for one in await items_of(actor, case, guide) if one.state in TO_ACCEPT]
    if not waiting:
        raise Conflict("cases.wrong_state")
    # What the hall may only receive lies with its department already.
    ours = [one for one in waiting if await has_power(actor, one)]
    if not ours:
        raise Forbidden("cases.not_authorised")
    for one in ours:
        try:
            await accept_one(actor, one)
        except AppError as refused:
            item = await catalogue.item(one.item_id)
            raise Conflict("cases.part_incomplete", item=item.name) from refused
    await on_record(actor, "cases.accepted", case)


async def items_of(actor: Actor, case: Case, guide: GuideView) -> list[Case]:
    """List the cases of a theme's items; what was taken in at a window becomes them only now."""
    if parts := await parts_of(case.id, lock=True):
        return parts
    await stop_receiving(case)
    await split(actor, case, guide, "receive")
    return await parts_of(case.id)


@db.transactional
async def nudge(actor: Staff, case_id: UUID) -> UUID:
    """Ask the department of a theme's item to get on with it (催办): whoever has the theme. Gives the theme's id.

    It stands on the item's page. Refuses `cases.nudged_today`, `cases.wrong_state`.
    """
    one = await Case.get_or_none(id=case_id)
    whole = await case_at_desk(actor, case_id if one is None or one.parent_id is None else one.parent_id)
    one = await Case.filter(id=case_id, parent_id=whole.id).select_for_update().get_or_none()
    if one is None or one.state not in (*TO_ACCEPT, *TO_DECIDE):
        raise Conflict("cases.wrong_state")
    before = await thread.last(one.thread_id, "cases.nudged")
    if before is not None and before.astimezone(clock.SHANGHAI).date() == clock.today():
        raise Conflict("cases.nudged_today")
    await thread.record(one.thread_id, "cases.nudged", actor, case_id=str(one.id))
    await on_record(actor, "cases.nudged", one)
    return whole.id


@thread.on("cases.accepted")
@thread.on("cases.tolerated")
@thread.on("cases.deemed_accepted")
@thread.on("cases.declined")
@thread.on("cases.granted")
@thread.on("cases.denied")
@thread.on("cases.withdrawn")
@thread.on("cases.terminated")
@thread.on("cases.lapsed")
@thread.on("cases.unsupplemented")
async def _after_item(happening: thread.Recorded) -> None:
    of_theme = Case.filter(thread_id=happening.thread.id, parent_id__not_isnull=True)
    one = await of_theme.order_by("-created_at").first()
    if one is not None and one.parent_id is not None:
        await follow(one.parent_id, happening.actor)


async def follow(whole_id: UUID, actor: Actor) -> None:
    """Let a theme go on as its items have: accepted when none waits any more, ended when all have ended."""
    case = await Case.filter(id=whole_id).select_for_update().get()
    parts = await parts_of(whole_id)
    states = {one.state for one in parts}
    if not states & set(MOVES["withdraw"].sources):
        await _finish(case, parts, actor)
    elif case.state in TO_ACCEPT and not states & set(_WAITING):
        await _gather(case, parts, actor)


async def _gather(case: Case, parts: list[Case], actor: Actor) -> None:
    due = [one.promise_on for one in parts if one.state in MOVES["grant"].sources and one.promise_on is not None]
    case.accepted_at = clock.now()
    # What is due the last of its items is due of the theme: none is due later.
    case.promise_on = max(due, default=None)
    case.law_on = max((one.law_on for one in parts if one.law_on is not None), default=None)
    await case.move("gather", actor)
    await thread.record(
        case.thread_id, "cases.theme_accepted", actor, case_id=str(case.id), promise_on=case.promise_on or clock.today()
    )
    guide = await catalogue.guide(case.guide_id)
    await say_accepted(case, guide, case.promise_on or clock.today())


async def _finish(case: Case, parts: list[Case], actor: Actor) -> None:
    if case.state not in MOVES["finish"].sources:
        return
    taken_back = all(one.state is CaseState.WITHDRAWN for one in parts)
    await case.move("withdraw" if taken_back else "finish", actor)
    if taken_back:
        await thread.record(case.thread_id, "cases.withdrawn", actor, case_id=str(case.id))
    else:
        granted = sum(one.state is CaseState.GRANTED for one in parts)
        await thread.record(
            case.thread_id, "cases.theme_finished", actor, case_id=str(case.id), granted=granted, of=len(parts)
        )
        guide = await catalogue.guide(case.guide_id)
        await tell(
            case,
            messages.ThemeFinished(
                thread_id=str(case.thread_id),
                number=await number_of(case),
                item=guide.item.name,
                department=guide.department.name,
                at=clock.now(),
            ),
        )
    await end_if_nothing_is_left(case.thread_id, actor)


@thread.on("thread.closed")
async def _after_items_thread(happening: thread.Recorded) -> None:
    parent_id = await thread.parent_of(happening.thread.id)
    if parent_id is not None:
        await end_if_nothing_is_left(parent_id, happening.actor)
