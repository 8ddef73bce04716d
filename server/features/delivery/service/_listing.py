"""Lists as both sides see them, and what a department has made and not handed over yet."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from server import db
from server.actor import Staff
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.delivery.models import Delivery, DeliveryState, HandoverLine, HandoverList
from server.features.delivery.schemas import ListedResult, ListOut, ListView, MadeResult
from server.features.delivery.service import _lists, _rows
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import masking
from server.kit.texts import text

SHOWN = 500
_LISTED = "SELECT delivery_id FROM handover_line WHERE state = 'listed'"
_COUNTS = """
SELECT list_id, count(*) AS lines, count(*) FILTER (WHERE state = 'missing') AS missing
FROM handover_line WHERE list_id = ANY($1) GROUP BY list_id
"""


async def made(actor: Staff) -> list[MadeResult]:
    """List what the actor's departments have made and not handed over, the oldest first."""
    if not actor.has(*_lists.GIVERS):
        return []
    within = await _lists.departments(actor)
    rows = Delivery.filter(state=DeliveryState.PREPARING, made_at="department")
    rows = rows if within is None else rows.filter(department_id__in=within)
    listed = {row["delivery_id"] for row in await db.fetch(_LISTED)}
    found = [row for row in await rows.order_by("created_at", "id").limit(SHOWN) if row.id not in listed]
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


async def lists(actor: Staff, state: str = "") -> list[ListOut]:
    """List what the actor's departments give and their halls receive, the newest first; of one state, if named."""
    rows = HandoverList.between(await _lists.departments(actor), await _rows.halls(actor))
    rows = rows.filter(state=state) if state else rows
    return await _shown(actor, await rows.order_by("-number").limit(SHOWN))


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
