"""What officers see: only cases within their reach, and every look is on record."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from tortoise.queryset import QuerySet

from server import db
from server.actor import Role, Staff
from server.errors import NotFound
from server.features.audit import service as audit
from server.features.cases.models import TO_ACCEPT, TO_DECIDE, Case, CaseState
from server.features.cases.schemas import DeskCase, DeskCaseView, ItemRef
from server.features.cases.service._view import screen
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import masking
from server.kit.texts import text

FRONT = (Role.CLERK, Role.HALL_MANAGER)
BACK = (Role.REVIEWER,)
SHOWN = 100
DONE = (CaseState.GRANTED, CaseState.DENIED, CaseState.DECLINED, CaseState.WITHDRAWN, CaseState.CLOSED)
TABS: dict[str, tuple[CaseState, ...]] = {
    "accept": TO_ACCEPT,
    "correction": (CaseState.CORRECTION_ASKED,),
    "decide": TO_DECIDE,
    "done": DONE,
}


async def in_reach(actor: Staff, *roles: Role) -> QuerySet[Case]:
    """Reach the cases within the scope of these roles (all of the actor's, if none is named)."""
    reach = await identity.reach(actor, *roles)
    return Case.in_reach(await catalogue.halls_within(reach), await catalogue.departments_within(reach))


async def case_at_desk(actor: Staff, case_id: UUID, *roles: Role) -> Case:
    """Reach one case within the scope of these roles (all of the actor's, if none is named), or see nothing."""
    return _found(await (await in_reach(actor, *roles)).get_or_none(id=case_id))


async def thread_at_desk(actor: Staff, case_id: UUID) -> UUID:
    """Name the thread of a case the actor may see, for its papers."""
    return (await case_at_desk(actor, case_id)).thread_id


async def case_to_change(actor: Staff, case_id: UUID, *roles: Role) -> Case:
    """Reach one case as `case_at_desk`, and wait until nobody else is changing it."""
    return _found(await (await in_reach(actor, *roles)).select_for_update().get_or_none(id=case_id))


def _found(case: Case | None) -> Case:
    if case is None:
        raise NotFound
    return case


@thread.handled_by
async def _halls_of(thread_id: UUID) -> list[UUID]:
    handed_in = Case.filter(thread_id=thread_id, submitted_at__not_isnull=True, hall_id__not_isnull=True)
    rows: list[UUID] = await handed_in.values_list("hall_id", flat=True)  # type: ignore[assignment]
    return rows


async def worklist(actor: Staff, tab: Literal["accept", "correction", "decide", "done"]) -> list[DeskCase]:
    """List at most a hundred cases of one tab, the longest waiting first (the newest first when done)."""
    order = "-decided_at" if tab == "done" else "submitted_at"
    rows = await in_reach(actor)
    cases = await rows.filter(state__in=TABS[tab]).order_by(order, "id").limit(SHOWN)
    people = await identity.people([case.person_id for case in cases])
    threads = await thread.many([case.thread_id for case in cases])
    items = await catalogue.items([case.item_id for case in cases])
    return [
        await _line(
            case, actor.locale, people[case.person_id].name, threads[case.thread_id].number, items[case.item_id]
        )
        for case in cases
    ]


async def _line(case: Case, locale: str, name: str, number: str, item: catalogue.ItemView) -> DeskCase:
    clocks = [clock for clock in await thread.clocks(case.thread_id) if clock.kind is thread.ClockKind.DECIDE]
    running = clocks[-1] if clocks else None
    return DeskCase(
        id=case.id,
        thread_id=case.thread_id,
        number=number,
        item=ItemRef(id=case.item_id, name=item.name),
        applicant=masking.name(name),
        state=case.state.value,
        state_text=text(locale, f"cases.state.{case.state.value}"),
        submitted_at=case.submitted_at,
        promise_on=running.promise_on if running else None,
        law_on=running.law_on if running else None,
        light=running.light if running else None,
    )


async def view(actor: Staff, case_id: UUID) -> DeskCaseView:
    """Show one case in clear. The applicant can read that somebody of this office looked."""
    case = await case_at_desk(actor, case_id)
    person = await identity.person(case.person_id)
    guide = await catalogue.guide(case.guide_id)
    async with db.tx():
        await audit.record(actor, "cases.viewed", "case", case.id, person_id=case.person_id, thread_id=case.thread_id)
    return DeskCaseView(
        case=await screen(case, actor),
        applicant=person.name,
        document=person.number,
        phone=person.phone,
        can=await _can(actor, case),
        standards={rule.key: rule.standards for rule in guide.content.materials},
    )


async def _can(actor: Staff, case: Case) -> list[str]:
    can: list[str] = []
    if case.state in TO_ACCEPT and await within(actor, case, *FRONT):
        can += ["accept", "ask_correction", "decline"]
    if case.state in TO_DECIDE and await within(actor, case, *BACK):
        can += ["grant", "deny"]
    return can


async def within(actor: Staff, case: Case, *roles: Role) -> bool:
    """Say whether the case lies within the scope of any of these roles."""
    if not actor.has(*roles):
        return False
    return await (await in_reach(actor, *roles)).filter(id=case.id).exists()
