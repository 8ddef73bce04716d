"""Lists as both sides see them, and what a department has made and not handed over yet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from server import db
from server.actor import Staff
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.delivery.models import Delivery, HandoverLine, HandoverList
from server.features.delivery.schemas import ListedResult, ListOut, ListView, MadeResult
from server.features.delivery.service import _lists, _rows
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import masking
from server.kit.paging import Page, after, cursor_of, each
from server.kit.texts import text

# Of what is made the longest waiting; the number of all stands above them.
SHOWN = 100
LINES = 500  # of an export, at a time
_TO_GIVE = """
    FROM delivery d WHERE d.state = 'preparing' AND d.made_at = 'department'
        AND ($1::uuid[] IS NULL OR d.department_id = ANY($1))
        AND NOT EXISTS (SELECT FROM handover_line l WHERE l.delivery_id = d.id AND l.state = 'listed')
"""
_MADE = f"SELECT d.id {_TO_GIVE} ORDER BY d.created_at, d.id LIMIT $2"
_WAYS = f"""
    SELECT made.*, h.name FROM (SELECT d.department_id, d.hall_id, count(*) {_TO_GIVE} GROUP BY 1, 2) AS made
    JOIN hall h ON h.id = made.hall_id ORDER BY h.name
"""  # noqa: S608 - as above
_ASKED = """FROM handover_list l JOIN department d ON d.id = l.department_id JOIN hall h ON h.id = l.hall_id
    LEFT JOIN LATERAL (SELECT count(*) AS lines FROM handover_line WHERE list_id = l.id) c ON true
    WHERE ($1::uuid[] IS NULL OR $2::uuid[] IS NULL OR l.department_id = ANY($1) OR l.hall_id = ANY($2))
        AND ($3 = '' OR l.state = $3) AND ($4 = '' OR strpos(concat_ws(' ', l.number, d.name, h.name), $4) > 0)
"""
_FOUND = f"SELECT l.id {_ASKED} ORDER BY {{order}}, l.number LIMIT $5 OFFSET $6"
_COUNT = f"SELECT count(*) {_ASKED}"
_ORDERS = {"number": "l.number", "-number": "l.number DESC", "lines": "c.lines", "-lines": "c.lines DESC"}
_COUNTS = """
SELECT list_id, count(*) AS lines, count(*) FILTER (WHERE state = 'missing') AS missing
FROM handover_line WHERE list_id = ANY($1) GROUP BY list_id
"""


async def made(actor: Staff) -> list[MadeResult]:
    """List what the actor's departments have made and not handed over, the oldest first."""
    if not actor.has(*_lists.GIVERS):
        return []
    ids = [row["id"] for row in await db.fetch(_MADE, await _lists.departments(actor), SHOWN)]
    found = await Delivery.filter(id__in=ids).order_by("created_at", "id")
    people = await identity.people([row.person_id for row in found])
    threads = await thread.many([row.thread_id for row in found])
    halls = {one.id: one.name for one in await catalogue.halls()}
    return [
        MadeResult(
            id=row.id,
            number=threads[row.thread_id].number,
            item=threads[row.thread_id].title,
            person=masking.name(people[row.person_id].name),
            method=text(actor.locale, f"delivery.method.{row.method}"),
            hall_id=row.hall_id,
            hall=halls[row.hall_id],
            department_id=row.department_id,
            since=row.created_at,
        )
        for row in found
    ]


async def ways(actor: Staff) -> tuple[int, dict[tuple[UUID, UUID], str]]:
    """Count what is made and not handed over, and name the halls it goes to, by department and hall."""
    rows = await db.fetch(_WAYS, await _lists.departments(actor)) if actor.has(*_lists.GIVERS) else []
    return sum(row["count"] for row in rows), {(row["department_id"], row["hall_id"]): row["name"] for row in rows}


async def lists(
    actor: Staff, state: str = "", *, q: str = "", sort: str = "-number", cursor: str | None = None, limit: int = 50
) -> Page[ListOut]:
    """List what the actor's departments give and their halls receive; of one state, if named.

    `q` is part of a number, a department or a hall.
    """
    before = after(cursor, tuple[int])
    begin = 0 if before is None else max(before[0], 0)
    sides = (await _lists.departments(actor), await _rows.halls(actor))
    found = await db.fetch(_FOUND.format(order=_ORDERS[sort]), *sides, state, q.strip(), limit + 1, begin)
    ids = [row["id"] for row in found[:limit]]
    known = {row.id: row for row in await HandoverList.filter(id__in=ids)}
    return Page(
        items=await _shown(actor, [known[one] for one in ids]),
        next=cursor_of(begin + limit) if len(found) > limit else None,
    )


async def export_lists(actor: Staff, state: str = "", *, q: str = "", sort: str = "-number") -> AsyncIterator[ListOut]:
    """Give all the lists for a table to work with, a page at a time; it is on record before the first line goes."""
    sides = (await _lists.departments(actor), await _rows.halls(actor))
    lines = await db.fetchval(_COUNT, *sides, state, q.strip())
    async with db.tx():
        await audit.record(actor, "delivery.lists_exported", "handover_list", None, state=state, lines=lines)
    return each(lambda cursor: lists(actor, state, q=q, sort=sort, cursor=cursor, limit=LINES))


async def to_count(actor: Staff) -> int:
    """Count the lists that wait to be counted by the actor's halls."""
    within = await _rows.halls(actor)
    rows = HandoverList.filter(state="given")
    return await (rows if within is None else rows.filter(hall_id__in=within)).count()


@db.transactional
async def list_view(actor: Staff, list_id: UUID) -> ListView:
    """Show one list with its lines; whose results they are is on record as looked at. Raises NotFound."""
    row = await _lists.reached(actor, list_id)
    lines = await HandoverLine.filter(list_id=row.id).order_by("created_at", "id")
    sent = {one.id: one for one in await Delivery.filter(id__in=[line.delivery_id for line in lines])}
    people = await identity.people([one.person_id for one in sent.values()])
    threads = await thread.many([one.thread_id for one in sent.values()])
    await audit.record(actor, "delivery.list_looked_at", "handover_list", row.id)
    return ListView(
        head=(await _shown(actor, [row]))[0],
        lines=[
            ListedResult(
                id=line.delivery_id,
                number=threads[sent[line.delivery_id].thread_id].number,
                item=threads[sent[line.delivery_id].thread_id].title,
                person=masking.name(people[sent[line.delivery_id].person_id].name),
                method=text(actor.locale, f"delivery.method.{sent[line.delivery_id].method}"),
                state=line.state,
                shelf=line.shelf,
            )
            for line in lines
        ],
        can=await _can(actor, row),
    )


async def _can(actor: Staff, row: HandoverList) -> str | None:
    """Name the side the actor may do something on now: `give` or `count`."""
    departments, halls = await _lists.departments(actor), await _rows.halls(actor)
    if row.state == "open" and actor.has(*_lists.GIVERS) and (departments is None or row.department_id in departments):
        return "give"
    if row.state == "given" and actor.has(*_rows.DESK) and (halls is None or row.hall_id in halls):
        return "count"
    return None


async def _shown(actor: Staff, rows: Sequence[HandoverList]) -> list[ListOut]:
    counted = {row["list_id"]: row for row in await db.fetch(_COUNTS, [row.id for row in rows])}
    halls = {one.id: one.name for one in await catalogue.halls()}
    departments = {one.id: one.name for one in await catalogue.departments()}
    signed = {one for row in rows for one in (row.given_by, row.counted_by) if one}
    names = {key: name for key, (_, name) in (await identity.staff_labels(list(signed))).items()}
    return [
        ListOut(
            id=row.id,
            number=row.number,
            department=departments[row.department_id],
            hall=halls[row.hall_id],
            state=row.state,
            state_text=text(actor.locale, f"delivery.list.{row.state}"),
            lines=counted[row.id]["lines"] if row.id in counted else 0,
            missing=counted[row.id]["missing"] if row.id in counted else 0,
            begun_at=row.created_at,
            given_by=names.get(row.given_by) if row.given_by else None,
            given_at=row.given_at,
            counted_by=names.get(row.counted_by) if row.counted_by else None,
            counted_at=row.counted_at,
        )
        for row in rows
    ]
