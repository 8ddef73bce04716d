"""What stands behind a figure: the rows it was summed of, as they are today, each a way to the matter it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import NotFound
from server.features.supervision.service._periods import Period
from server.features.supervision.service._reach import READERS, Chosen, View, view_of
from server.features.thread import service as thread
from server.kit import clock

Which = Literal["", "part", "rest"]
_ROWS = """
SELECT r.* FROM ({rows}) AS r
WHERE $3::timestamptz IS NOT NULL
    AND ($4::uuid[] IS NULL OR r.hall_id = ANY($4) OR r.department_id = ANY($5::uuid[]))
    AND ($6::uuid IS NULL OR r.department_id = $6) AND ($7::uuid IS NULL OR r.hall_id = $7)
    AND ($8::uuid[] IS NULL OR r.hall_id = ANY($8) OR r.department_id = ANY($9::uuid[]))
    AND ($10 = '' OR ($10 = 'part' AND r.part > 0) OR ($10 = 'rest' AND r.part < r.whole))
    AND (r.part > 0 OR r.whole > 0)
ORDER BY r.day DESC, r.id LIMIT $11 OFFSET $12
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BehindRow:
    """One row: of its figure it is `part` of `whole`. `number` and `title` name its matter, where it leads to one."""

    id: UUID | None
    day: date
    department_id: UUID | None
    hall_id: UUID | None
    label: str
    number: str
    title: str
    part: int
    whole: int


async def behind(
    actor: Staff, key: str, chosen: Chosen, month: Period, *, which: Which = "", limit: int, skip: int = 0
) -> tuple[View, list[BehindRow]]:
    """List the rows behind an indicator of a month, the latest first. Raises NotFound."""
    kinds = thread.measured()
    if key not in kinds or month.months != 1:
        raise NotFound
    view = await view_of(actor, chosen, *READERS)
    asked = (*view.watcher, chosen.department, chosen.hall, *view.within)
    sql = _ROWS.format(rows=kinds[key].rows)
    rows = await db.fetch(sql, month.begin, month.end, clock.now(), *asked, which, limit, skip)
    threads = await thread.many({row["thread_id"] for row in rows if row["thread_id"]})
    return view, [_row(row, threads) for row in rows]


def _row(row: db.Record, threads: dict[UUID, thread.ThreadView]) -> BehindRow:
    opened = threads.get(row["thread_id"])
    return BehindRow(
        id=row["id"],
        day=row["day"],
        department_id=row["department_id"],
        hall_id=row["hall_id"],
        label=row["label"],
        number=opened.number if opened else row["what"] or "",
        title=opened.title if opened else "",
        part=int(row["part"]),
        whole=int(row["whole"]),
    )
