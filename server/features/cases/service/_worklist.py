"""The work list: what waits for an office, by light, by day and by officer. As quick with 100,000 as with 1,000.

Each place of the officer's is read along an index, no further than a page (or the most that is counted) reaches, and
the places are put together: `OR` between halls and departments would read and sort everything there is.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct, structs

from server import db
from server.actor import Role, Staff
from server.features.audit import service as audit
from server.features.cases.models import BACK, BEFORE_ACCEPTED, FRONT, SUPERIORS, TO_ACCEPT, TO_DECIDE, Case, CaseState
from server.features.cases.schemas import DeskCase, ItemRef
from server.features.cases.service._substitutes import stands_in_for
from server.features.cases.service._watched import LIT
from server.features.cases.service._worklist_sql import ONLY, counted_in, found_in
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.paging import Page, after, cursor_of, each
from server.kit.texts import text

SHOWN = 100
# Beyond this a figure says "at least": nobody counts further on every look at a list.
MOST_COUNTED = 501
LINES = 500  # of an export, at a time
DONE = (
    CaseState.GRANTED,
    CaseState.DENIED,
    CaseState.DECLINED,
    CaseState.WITHDRAWN,
    CaseState.TERMINATED,
    CaseState.CLOSED,
)
Tab = Literal["accept", "routed", "refuse", "correction", "originals", "followed", "decide", "done"]
Light = Literal["", "green", "amber", "red", "black"]
Whose = Literal["", "mine", "free"]
Sort = Literal["", "since", "-since", "due", "-due"]
LIGHTS: tuple[Light, ...] = ("red", "amber", "green", "black")
TABS: dict[Tab, tuple[CaseState, ...]] = {
    "accept": TO_ACCEPT,
    "routed": TO_ACCEPT,
    "refuse": BEFORE_ACCEPTED,
    "correction": (CaseState.CORRECTION_ASKED,),
    "originals": (CaseState.PRE_REVIEW,),
    "followed": (CaseState.ACCEPTED_WITH_DEFICIENCY,),
    "decide": TO_DECIDE,
    "done": DONE,
}
_BY: dict[str, str] = {"since": "submitted_at", "due": "promise_on", "done": "updated_at"}


class Wanted(Struct, kw_only=True, frozen=True):
    """What of a tab is asked for. `q` is a case number or part of an item; `sort` with `-` turns it round."""

    tab: Tab
    q: Annotated[str, Meta(max_length=60)] = ""
    light: Light = ""
    whose: Whose = ""
    sort: Sort = ""

    @property
    def by(self) -> str:
        """Name the column the list is ordered by."""
        if self.tab == "done":
            return _BY["done"]
        return _BY[self.sort.lstrip("-") or ("due" if self.tab == "decide" else "since")]

    @property
    def down(self) -> bool:
        """Say whether the latest comes first: what is done begins with it."""
        return self.sort.startswith("-") or (self.tab == "done" and not self.sort)


async def worklist(actor: Staff, wanted: Wanted, *, cursor: str | None = None, limit: int = SHOWN) -> Page[DeskCase]:
    """List what is wanted: to decide, the soonest due first; elsewhere the longest waiting. Raises BadCursor."""
    places = await _places(actor)
    rest = await _narrowed(actor, wanted)
    _go_on(rest, wanted, cursor)
    sql = found_in(rest.by_day(wanted, wanted.by), rest.sql, wanted.by, down=wanted.down)
    found = await db.fetch(sql, *places, limit + 1, *rest.values)
    rows = found[:limit]
    cases = {case.id: case for case in await Case.filter(id__in=[row["id"] for row in rows])}
    last = rows[-1] if rows else None
    return Page(
        items=await _lines(actor, [cases[row["id"]] for row in rows]),
        next=cursor_of(last["key"], last["id"]) if last and len(found) > limit else None,
    )


async def light_counts(actor: Staff, wanted: Wanted) -> dict[Light, int]:
    """Count a tab by light, each up to `MOST_COUNTED`."""
    return {light: await _count(actor, structs.replace(wanted, light=light)) for light in LIGHTS}


async def _count(actor: Staff, wanted: Wanted, *roles: Role) -> int:
    return min(MOST_COUNTED, await _how_many(actor, wanted, MOST_COUNTED, *roles))


async def _how_many(actor: Staff, wanted: Wanted, most: int | None, *roles: Role) -> int:
    """Count no further than `most` in each place."""
    rest = await _narrowed(actor, wanted)
    # The order is what leads the planner to an index, where it would read a table it takes for mostly ours.
    by = "law_on" if wanted.light == "red" else wanted.by if wanted.tab == "done" else "promise_on"
    # What is past its promise lies before today, and behind it what is past the law as well: a hall's amber is read
    # backwards.
    sql = counted_in(rest.by_day(wanted, by), rest.sql, by, down=wanted.light == "amber")
    found: int = await db.fetchval(sql, *await _places(actor, *roles), most, *rest.values)
    return found


async def export(actor: Staff, wanted: Wanted) -> AsyncIterator[DeskCase]:
    """Give everything that is wanted for a table to work with, a page at a time; it is on record."""
    # Before the first line goes: whoever breaks off has read what came until then.
    lines = await _how_many(actor, wanted, None)
    async with db.tx():
        await audit.record(actor, "cases.exported", "worklist", None, tab=wanted.tab, lines=lines)
    return each(lambda cursor: worklist(actor, wanted, cursor=cursor, limit=LINES))


async def waiting_counts(actor: Staff) -> dict[str, int]:
    """Count what waits on each tab for the actor's own answer, each up to `MOST_COUNTED`."""
    mine: dict[Tab, tuple[Role, ...]] = {
        "accept": FRONT,
        "followed": FRONT,
        "routed": BACK,
        "refuse": SUPERIORS,
        "decide": BACK,
    }
    return {tab: await _count(actor, Wanted(tab=tab), *roles) for tab, roles in mine.items() if actor.has(*roles)}


async def _places(actor: Staff, *roles: Role) -> tuple[Sequence[UUID], Sequence[UUID]]:
    """Name the departments and halls whose cases these roles reach. Every case has a department."""
    reach = await identity.reach(actor, *roles)
    departments = await catalogue.departments_within(reach)
    halls = await catalogue.halls_within(reach)
    if departments is None or halls is None:
        return [one.id for one in await catalogue.departments()], []
    return departments, halls


class _Narrowed:
    """The conditions of one statement and their parameters, which begin with `$4`."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.values: list[Any] = []

    def add(self, condition: str, *values: object) -> None:
        """Ask for one thing more; `{}` stands for each value."""
        names = [f"${len(self.values) + place}" for place in range(4, 4 + len(values))]
        self.conditions.append(condition.format(*names))
        self.values += values

    @property
    def sql(self) -> str:
        """Give all of them."""
        return " AND ".join(self.conditions)

    def by_day(self, wanted: Wanted, by: str) -> str:
        """Name the parameter of today where a department's cases are read by the law's last day; else nothing."""
        if (wanted.tab, wanted.light, by) != ("decide", "amber", "promise_on"):
            return ""
        self.values.append(clock.today())
        return f"${len(self.values) + 3}"


async def _narrowed(actor: Staff, wanted: Wanted) -> _Narrowed:
    """Narrow a list to what is wanted."""
    rest = _Narrowed()
    # Said outright: an index that holds only these states is used only where the statement names them.
    rest.add("c.state IN ({})".replace("{}", ", ".join(f"'{state.value}'" for state in TABS[wanted.tab])))
    if wanted.tab in ONLY:
        rest.add(ONLY[wanted.tab])
    if wanted.light:
        condition = LIT[wanted.light]
        rest.add(condition, *[clock.today()] * condition.count("{}"))
    if wanted.whose == "mine":
        rest.add("c.claimed_by = ANY({})", [actor.staff_id, *await stands_in_for(actor)])
    elif wanted.whose == "free":
        rest.add("c.claimed_by IS NULL")
    if wanted.q.strip():
        thread_id = await thread.by_number(wanted.q)
        if thread_id is not None:
            rest.add("c.thread_id = {}", thread_id)
        else:
            rest.add("c.item_id = ANY({})", list(await catalogue.items_named(wanted.q.strip())))
    return rest


def _go_on(rest: _Narrowed, wanted: Wanted, cursor: str | None) -> None:
    kind: Any = tuple[date, UUID] if wanted.by == "promise_on" else tuple[datetime, UUID]
    key = after(cursor, kind)
    if key is not None:
        rest.add(f"(c.{wanted.by}, c.id) {'<' if wanted.down else '>'} ({{}}, {{}})", *key)


async def _lines(actor: Staff, cases: list[Case]) -> list[DeskCase]:
    people = await identity.people([case.person_id for case in cases])
    threads = await thread.many([case.thread_id for case in cases])
    items = await catalogue.items([case.item_id for case in cases])
    clocks = await thread.clocks_of([case.thread_id for case in cases])
    officers = await identity.staff_labels([case.claimed_by for case in cases if case.claimed_by])
    return [
        _line(
            case,
            actor.locale,
            threads[case.thread_id].number,
            applicant=masking.name(people[case.person_id].name),
            item=items[case.item_id],
            clocks=clocks.get(case.thread_id, []),
            claimed_by=officers[case.claimed_by][1] if case.claimed_by else None,
        )
        for case in cases
    ]


def _line(
    case: Case,
    locale: str,
    number: str,
    *,
    applicant: str,
    item: catalogue.ItemView,
    clocks: list[thread.ClockView],
    claimed_by: str | None,
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
        claimed_by=claimed_by,
        whole=case.whole,
    )
