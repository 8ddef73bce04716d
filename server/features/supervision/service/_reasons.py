"""Why it went badly (差评定期分析): each reason with the item and the department it was given about, the most first."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec import Struct

from server import db
from server.actor import Staff
from server.features.catalogue import service as catalogue
from server.features.supervision.service._figures import Figure, Share
from server.features.supervision.service._periods import Period
from server.features.supervision.service._reach import Chosen, View, view_of
from server.features.thread import service as thread
from server.kit import clock

MOST = 50
_BY_ITEM = """
SELECT r.label, r.item_id, r.department_id, coalesce(sum(r.part) FILTER (WHERE r.day >= $10::date), 0)::bigint AS now,
    coalesce(sum(r.part) FILTER (WHERE r.day < $10::date), 0)::bigint AS before
FROM ({rows}) AS r
WHERE $3::timestamptz IS NOT NULL
    AND ($4::uuid[] IS NULL OR r.hall_id = ANY($4) OR r.department_id = ANY($5::uuid[]))
    AND ($6::uuid IS NULL OR r.department_id = $6) AND ($7::uuid IS NULL OR r.hall_id = $7)
    AND ($8::uuid[] IS NULL OR r.hall_id = ANY($8) OR r.department_id = ANY($9::uuid[]))
GROUP BY r.label, r.item_id, r.department_id HAVING sum(r.part) FILTER (WHERE r.day >= $10::date) > 0
ORDER BY now DESC, r.label, r.item_id, r.department_id LIMIT $11
"""


class ReasonRow(Struct, frozen=True, kw_only=True):
    """One reason, about one item of one department: how often now, and in the period before."""

    reason: str
    item: str
    department_id: UUID | None
    now: Share
    before: Share


async def reasons(actor: Staff, chosen: Chosen, period: Period) -> list[ReasonRow]:
    """List the reasons of the bad ratings that count by item and department. Raises NotFound."""
    return await reasons_of(await view_of(actor, chosen), period)


async def reasons_of(view: View, period: Period) -> list[ReasonRow]:
    """List them of what a view shows; what too few stand behind is told to nobody outside."""
    kind = thread.measured()["bad_reasons"]
    asked = (*view.watcher, view.chosen.department, view.chosen.hall, *view.within)
    span: tuple[date, date] = (period.before.begin, period.end)
    rows = await db.fetch(_BY_ITEM.format(rows=kind.rows), *span, clock.now(), *asked, period.begin, MOST)
    items = await catalogue.items({row["item_id"] for row in rows if row["item_id"]})
    told = [
        ReasonRow(
            reason=row["label"],
            item=items[row["item_id"]].name if row["item_id"] in items else "",
            department_id=row["department_id"],
            now=Share(row["now"]),
            before=Share(row["before"]),
        )
        for row in rows
    ]
    if not view.outside:
        return told
    figure = Figure(kind=kind)
    for one in told:
        figure.told_outside(one.now)
        figure.told_outside(one.before)
    return [one for one in told if not one.now.hidden]
