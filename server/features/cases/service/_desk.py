"""What officers see: only cases within their reach, and every look is on record."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import convert
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from server import db
from server.actor import Role, Staff
from server.errors import NotFound
from server.features.audit import service as audit
from server.features.cases.models import TO_ACCEPT, TO_DECIDE, Case, CaseState, MaterialCheck
from server.features.cases.schemas import CheckOut, DeskCase, DeskCaseView, ItemRef, Proposal
from server.features.cases.service._view import screen
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import masking
from server.kit.paging import Page, after, cursor_of
from server.kit.texts import text

FRONT = (Role.CLERK, Role.HALL_MANAGER)
BACK = (Role.REVIEWER,)
# Who may refuse to take an application: not the window alone.
SUPERIORS = (Role.HALL_MANAGER, Role.REVIEWER)
SHOWN = 100
DONE = (
    CaseState.GRANTED,
    CaseState.DENIED,
    CaseState.DECLINED,
    CaseState.WITHDRAWN,
    CaseState.TERMINATED,
    CaseState.CLOSED,
)
Tab = Literal["accept", "refuse", "correction", "decide", "done"]
TABS: dict[Tab, tuple[CaseState, ...]] = {
    "accept": TO_ACCEPT,
    "refuse": TO_ACCEPT,
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


async def worklist(
    actor: Staff,
    tab: Tab,
    *,
    q: str = "",
    newest: bool | None = None,
    cursor: str | None = None,
    limit: int = SHOWN,
) -> Page[DeskCase]:
    """List the cases of one tab, the longest waiting first (the newest first when done, or as `newest` says).

    `q` is a case number or part of an item's name. Raises BadCursor.
    """
    down = tab == "done" if newest is None else newest
    found = await (await _asked(actor, tab, q)).filter(_beyond(tab, cursor, down=down)).order_by(
        *_order(tab, down=down)
    ).limit(limit + 1)  # fmt: skip
    cases = found[:limit]
    more = len(found) > limit
    last = cases[-1] if cases else None
    return Page(
        items=await _lines(actor, cases),
        next=cursor_of(getattr(last, _field(tab)), last.id) if more and last else None,
    )


def _field(tab: str) -> str:
    return "updated_at" if tab == "done" else "submitted_at"


def _order(tab: str, *, down: bool) -> tuple[str, str]:
    sign = "-" if down else ""
    return f"{sign}{_field(tab)}", f"{sign}id"


def _beyond(tab: str, cursor: str | None, *, down: bool) -> Q:
    key = after(cursor, tuple[datetime, UUID])
    if key is None:
        return Q()
    field, further = _field(tab), "lt" if down else "gt"
    later: dict[str, Any] = {f"{field}__{further}": key[0]}
    beside: dict[str, Any] = {field: key[0], f"id__{further}": key[1]}
    return Q(**later) | Q(**beside)


async def _asked(actor: Staff, tab: Tab, q: str) -> QuerySet[Case]:
    rows = _on(await in_reach(actor), tab)
    if not q.strip():
        return rows
    thread_id = await thread.by_number(q)
    if thread_id is not None:
        return rows.filter(thread_id=thread_id)
    return rows.filter(item_id__in=await catalogue.items_named(q.strip()))


def _on(rows: QuerySet[Case], tab: Tab) -> QuerySet[Case]:
    rows = rows.filter(state__in=TABS[tab])
    return rows.filter(proposal_sealed__not_isnull=True) if tab == "refuse" else rows


async def _lines(actor: Staff, cases: list[Case]) -> list[DeskCase]:
    people = await identity.people([case.person_id for case in cases])
    threads = await thread.many([case.thread_id for case in cases])
    items = await catalogue.items([case.item_id for case in cases])
    clocks = await thread.clocks_of([case.thread_id for case in cases])
    return [
        _line(
            case,
            actor.locale,
            threads[case.thread_id].number,
            applicant=masking.name(people[case.person_id].name),
            item=items[case.item_id],
            clocks=clocks.get(case.thread_id, []),
        )
        for case in cases
    ]


async def waiting_counts(actor: Staff) -> dict[str, int]:
    """Count what waits on each tab for the actor's own answer."""
    mine: dict[Tab, tuple[Role, ...]] = {"accept": FRONT, "refuse": SUPERIORS, "decide": BACK}
    return {
        tab: await _on(await in_reach(actor, *roles), tab).count() for tab, roles in mine.items() if actor.has(*roles)
    }


def _line(
    case: Case,
    locale: str,
    number: str,
    *,
    applicant: str,
    item: catalogue.ItemView,
    clocks: list[thread.ClockView],
) -> DeskCase:
    # A line shows the duty the office has now: to answer the application, then to decide it.
    kind = thread.ClockKind.RECEIVE if case.state in TO_ACCEPT else thread.ClockKind.DECIDE
    running = next((one for one in reversed(clocks) if one.kind is kind), None)
    return DeskCase(
        id=case.id,
        thread_id=case.thread_id,
        number=number,
        item=ItemRef(id=case.item_id, name=item.name),
        applicant=applicant,
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
    agent = await _agent(case)
    async with db.tx():
        await audit.record(actor, "cases.viewed", "case", case.id, person_id=case.person_id, thread_id=case.thread_id)
    return DeskCaseView(
        case=await screen(case, actor),
        applicant=person.name,
        document=person.number,
        phone=person.phone,
        agent=agent.name if agent else None,
        agent_phone=agent.phone if agent else None,
        authority=case.authority,
        can=await _can(actor, case),
        standards={rule.key: rule.standards for rule in guide.content.materials},
        checks={
            row.rule_key: CheckOut(verdict=row.verdict, reason=row.reason)
            for row in await MaterialCheck.filter(case_id=case.id)
        },
        proposal=None if case.proposal is None else convert(case.proposal, Proposal, strict=False),
        channel=case.channel,
    )


async def _agent(case: Case) -> identity.PersonView | None:
    """Find who handed the case in for the applicant, if it was somebody else."""
    if case.agent_id is not None:
        return await identity.person(case.agent_id)
    holder = None if case.account_id is None else await identity.holder_of(case.account_id)
    return None if holder is None or holder.id == case.person_id else holder


async def _can(actor: Staff, case: Case) -> list[str]:
    can: list[str] = []
    if case.state in TO_ACCEPT and await within(actor, case, *FRONT):
        can += ["accept", "ask_correction", "check"]
        can += [] if case.proposal else ["propose"]
    if case.state is CaseState.CORRECTION_ASKED and await within(actor, case, *FRONT):
        can += ["check", "hand_in"]
    if "check" in can and case.channel == "window":
        can.append("fill_in")
    if case.state in TO_ACCEPT and await within(actor, case, *SUPERIORS):
        can += ["decline", "return_refusal"] if case.proposal else ["decline"]
    if case.state in TO_DECIDE and await within(actor, case, *BACK):
        can += ["grant", "deny"]
    if await within(actor, case, Role.HALL_MANAGER):
        can.append("tell_again")
    return can


async def within(actor: Staff, case: Case, *roles: Role) -> bool:
    """Say whether the case lies within the scope of any of these roles."""
    if not actor.has(*roles):
        return False
    return await (await in_reach(actor, *roles)).filter(id=case.id).exists()
