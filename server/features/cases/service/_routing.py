"""What a window may not accept it passes on to the department, at once (受理转办): the five days run on there."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Actor, Citizen, Staff, System
from server.errors import Conflict
from server.features.cases import messages
from server.features.cases.models import TO_ACCEPT, Case
from server.features.cases.service import _powers
from server.features.cases.service._desk import case_for
from server.features.cases.service._front import on_record, tell_of_department
from server.features.catalogue import service as catalogue
from server.features.thread import service as thread
from server.kit import clock

BY_ITSELF = System(name="cases.routing")


async def pass_on(actor: Actor, case: Case) -> None:
    """Say that an application lies with its department, if it does; in the caller's transaction.

    Whoever has just handed it in on their phone reads it in the answer to that, and gets no message besides.
    """
    if case.routed_at is None:
        return
    department = (await catalogue.department(case.department_id)).name
    await thread.record(case.thread_id, "cases.routed", actor, case_id=str(case.id), department=department)
    if isinstance(actor, Citizen):
        return
    await tell_of_department(case, messages.CaseRouted, department)


@db.transactional
async def route(actor: Staff, case_id: UUID) -> None:
    """Pass an application on to its department. Refuses `cases.already_routed`, `cases.wrong_state`."""
    case = await case_for(actor, "route", case_id)
    if case.routed_at is not None:
        raise Conflict("cases.already_routed")
    case.routed_at = clock.now()
    await case.move("route", actor)
    await pass_on(actor, case)
    await on_record(actor, "cases.routed", case)


async def route_stranded() -> int:
    """Pass on what lies in halls whose authorisation has run out; say how many."""
    return sum([await _strand(case_id) for case_id in await _powers.stranded()])


@db.transactional
async def _strand(case_id: UUID) -> bool:
    case = await Case.filter(id=case_id, state__in=TO_ACCEPT, routed_at=None).select_for_update().first()
    if case is None:
        return False
    case.routed_at = clock.now()
    await case.move("route")
    await pass_on(BY_ITSELF, case)
    return True
