"""Looking at threads: my own list, one of them, and the public progress by number and phone tail."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

from tortoise.expressions import Q

from server import db
from server.actor import Actor, Citizen, Staff
from server.errors import NotFound
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.thread.models import Thread, ThreadState
from server.features.thread.schemas import (
    Draft,
    NextOut,
    Standing,
    StepView,
    ThreadOut,
    ThreadsQuery,
    ThreadView,
    TrackView,
    Value,
)
from server.features.thread.service._number import TAIL, parse_number, plain_digits, tail_index
from server.features.thread.service._rows import get, view_of_model
from server.features.thread.service._standing import standing_text, standings, visits_over
from server.features.thread.service._steps import HIDDEN, detailed, in_public, step_text
from server.kit import masking, texts
from server.kit.paging import Page, after, cursor_of

if TYPE_CHECKING:
    from asyncpg import Record

_PAGE = "/features/thread/pages/detail?id={thread_id}"
# Where the person goes on from each step that waits for them. The text is thread.next.<step>.
_NEXT = {
    "booking.confirmed": "/features/booking/pages/detail?id={booking_id}",
    "cases.correction_asked": "/features/cases/pages/form?id={case_id}",
    "cases.pre_reviewed": _PAGE,
    "delivery.ready_to_collect": _PAGE,
}

Handling = Callable[[UUID], Awaitable[Collection[UUID]]]

_handling: list[Handling] = []

# The steps are read from their index alone; the row itself only of those that have something more to say.
_TRACK = """
    SELECT thread.number, thread.title, thread.state, thread.person_id, thread.tail_index, steps.list
    FROM thread, LATERAL (
        SELECT array_agg((step.id, step.at, step.name, step.actor_kind,
            CASE WHEN step.name IN ({detailed}) THEN (SELECT data::text FROM step AS whole WHERE whole.id = step.id) END
        ) ORDER BY step.id) AS list
        FROM step WHERE step.thread_id = thread.id) steps
    WHERE thread.number = $1
"""

# Of somebody with more matters than that, the newest say where they go.
MOST_MET = 50


async def view(actor: Actor, thread_id: UUID) -> ThreadView:
    """Reach one thread, or see nothing: somebody else's looks like none."""
    if isinstance(actor, Citizen):
        parties = await identity.parties(actor)
        found = await Thread.visible_to(parties).get_or_none(id=thread_id)
        if found is None:
            raise NotFound
        return view_of_model(found)
    if isinstance(actor, Staff):
        return await _within_reach(actor, await get(thread_id))
    raise NotFound


async def find(staff: Staff, number: str) -> ThreadView:
    """Find the thread a number names, as people write numbers, if it is within reach. Raises NotFound."""
    parsed = parse_number(number)
    found = None if parsed is None else await Thread.get_or_none(number=parsed)
    if found is None:
        raise NotFound
    return await _within_reach(staff, view_of_model(found))


def handled_by(tell: Handling) -> Handling:
    """Register what tells in which halls a thread is handled: their staff reach it, those of other halls do not."""
    _handling.append(tell)
    return tell


async def halls_of(thread_id: UUID) -> list[UUID]:
    """Name the halls that handle a thread, each once."""
    return list(dict.fromkeys([hall_id for tell in _handling for hall_id in await tell(thread_id)]))


async def _within_reach(staff: Staff, found: ThreadView) -> ThreadView:
    """A thread belongs to its item's department and to the halls that handle it; until one does, to its region's."""
    reach = await identity.reach(staff)
    item = await catalogue.item(found.item_id)
    if reach.hall_ids is None or reach.covers_department(item.department_id, found.region_code):
        return found
    handling = set(await halls_of(found.id))
    if handling & set(reach.hall_ids):
        return found
    halls = [] if handling else [await catalogue.hall(hall_id) for hall_id in reach.hall_ids]
    if any(found.region_code.startswith(hall.region_code) for hall in halls):
        return found
    raise NotFound


async def met(staff: Staff, person_id: UUID) -> bool:
    """Say whether the halls of a member of staff know a person: by a booking, a number, a case or a result."""
    halls = await catalogue.halls_within(await identity.reach(staff))
    newest = Thread.filter(person_id=person_id).order_by("-created_at").limit(MOST_MET)
    threads: list[UUID] = await newest.values_list("id", flat=True)  # type: ignore[assignment]
    for thread_id in threads:
        handling = await halls_of(thread_id)
        if handling if halls is None else set(handling) & set(halls):
            return True
    return False


async def mine(actor: Citizen, query: ThreadsQuery) -> Page[ThreadOut]:
    """List my threads and those of whom I act for, the newest first; of several begun as one, that one."""
    parties = await identity.parties(actor)
    rows = Thread.visible_to(parties).filter(parent_id=None)
    if query.state is not None:
        over = await visits_over(parties)
        closed = Q(Q(state=ThreadState.CLOSED), Q(id__in=over), join_type="OR")
        rows = rows.filter(closed if query.state is ThreadState.CLOSED else ~closed)
    if key := after(query.cursor, tuple[datetime, UUID]):
        rows = rows.filter(Thread.older_than(*key))
    found = await rows.order_by("-created_at", "-id").limit(query.limit + 1)
    shown = found[: query.limit]
    more = len(found) > query.limit
    names = await _names(shown)
    standing = await standings(map(view_of_model, shown), actor.locale)
    return Page(
        items=[_line(row, actor.locale, names[row.id], standing[row.id]) for row in shown],
        next=cursor_of(shown[-1].created_at, shown[-1].id) if more else None,
    )


async def newest_of(actor: Citizen, most: int) -> list[ThreadView]:
    """Give the matters of theirs on which something has happened last."""
    rows = Thread.visible_to(await identity.parties(actor)).order_by("-updated_at").limit(most)
    return [view_of_model(row) for row in await rows]


async def _names(rows: list[Thread]) -> dict[UUID, str]:
    """Name the party of each thread: an enterprise by its public name, a person masked."""
    people = await identity.people([row.person_id for row in rows if row.person_id and not row.enterprise_id])
    return {
        row.id: (await identity.enterprise(row.enterprise_id)).name
        if row.enterprise_id
        else masking.name(people[row.person_id].name)
        if row.person_id in people
        else ""
        for row in rows
    }


def _line(row: Thread, locale: str, party: str, stands: tuple[Standing, Draft | None]) -> ThreadOut:
    standing, draft = stands
    goes_on = None if draft is None else NextOut(text=texts.text(locale, "cases.continue"), page=draft.page)
    return ThreadOut(
        id=row.id,
        number=row.number,
        title=row.title,
        state=row.state,
        standing=standing,
        standing_text=standing_text(locale, standing, draft),
        status=f"thread.step.{row.status}" if row.status else None,
        status_text=step_text(locale, row.status, row.status_data) if row.status else "",
        updated_at=row.updated_at,
        person=party,
        next=goes_on or next_of(locale, view_of_model(row)),
    )


def next_of(locale: str, thread: ThreadView) -> NextOut | None:
    """Say what the person should do now; None when it is not their turn."""
    page = _NEXT.get(thread.status or "")
    if page is None or thread.state is ThreadState.CLOSED:
        return None
    known: Mapping[str, Value] = {**thread.data, "thread_id": str(thread.id)}
    try:
        filled = page.format_map(known)
    except KeyError:
        filled = page_of(thread.id)
    return NextOut(text=texts.text(locale, f"thread.next.{thread.status}"), page=filled)


def page_of(thread_id: UUID) -> str:
    """Name the phone's page of a matter."""
    return _PAGE.format(thread_id=thread_id)


async def track(number: str | None, phone_tail: str) -> TrackView:
    """Show the progress to whoever knows the number and the last four digits of the phone; callers limit the rate.

    `number` is what `parse_number` made of what was written, None where that is no number.
    Raises NotFound `thread.not_tracked` alike for a wrong number, an unknown one and a wrong tail.
    """
    row = await db.fetchrow(_track_statement(), number) if number else None
    if row is None or not await _tail_fits(row, plain_digits(phone_tail)):
        raise NotFound("thread.not_tracked")
    steps = [
        StepView(id=at, at=when, name=name, actor_kind=kind, data=in_public(data), public=name not in HIDDEN)
        for at, when, name, kind, data in row["list"] or ()
    ]
    return TrackView(
        number=row["number"],
        title=row["title"],
        state=ThreadState(row["state"]),
        steps=tuple(step for step in steps if step.public),
    )


@cache
def _track_statement() -> str:
    # Names of our own, written into it once: a list that goes along each time costs more than the rest of the question.
    return _TRACK.format(detailed=", ".join(f"'{name}'" for name in detailed()))


async def _tail_fits(row: Record, tail: str) -> bool:
    """Compare with the phone that was left when the matter began, else with the one the person has now."""
    if len(tail) != TAIL:
        return False
    left: bytes | None = row["tail_index"]
    if left is not None and hmac.compare_digest(left, tail_index(row["number"], tail)):
        return True
    now = None if row["person_id"] is None else await identity.phone_of(row["person_id"])
    return now is not None and hmac.compare_digest(now[-TAIL:].encode(), tail.encode())
