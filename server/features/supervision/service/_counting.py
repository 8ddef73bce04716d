"""Counting the figures: every indicator anew from its own rows, month by month, so that none ever drifts from them."""

from __future__ import annotations

from datetime import date

from server import db
from server.features.supervision.service._periods import YEARS, moved
from server.features.thread import service as thread
from server.kit import clock

# Every month of every year to choose from, and of the year it is compared with: a county that begins to count today has
# its past counted, too.
LOOKED_BACK = 12 * (YEARS + 1) - 1
_FORGET = "DELETE FROM figure WHERE key = $1 AND month = $2"
_COUNT = """
INSERT INTO figure (created_at, key, month, department_id, hall_id, label, part, whole)
SELECT $3::timestamptz, $4::text, date_trunc('month', r.day)::date, r.department_id, r.hall_id, r.label,
    sum(r.part)::bigint, sum(r.whole)::bigint
FROM ({rows}) AS r GROUP BY 3, 4, 5, 6
"""
_SETTLED = "SELECT EXISTS (SELECT 1 FROM figure WHERE key = $1 AND month = $2)"
_SERIAL = "SELECT pg_advisory_xact_lock(hashtextextended('supervision.count', 0))"


async def count_lately() -> int:
    """Count this month and the one before again; says how many figures there are now."""
    return await _count(1)


async def count_everything() -> int:
    """Count all that may still change again: what was left out, reopened or collected late is in its own month."""
    return await _count(LOOKED_BACK)


async def _count(months: int) -> int:
    """Count month by month: a statement holds few rows, and a page meets a month either as it was or as it is."""
    this = clock.today().replace(day=1)
    kinds = thread.measured().values()
    asked = [(kind, moved(this, -nth)) for nth in range(months + 1) for kind in kinds]
    return sum([await _one(kind, month) for kind, month in asked if _whole(kind, month)])


def _whole(kind: type[thread.Indicator], month: date) -> bool:
    """Say whether the rows of a month are all still there: counted from the rest it would shrink to nothing."""
    return kind.kept is None or month > clock.today() - kind.kept


@db.transactional
async def _one(kind: type[thread.Indicator], month: date) -> int:
    await db.execute(_SERIAL)
    if kind.settles and month < clock.today().replace(day=1) and await db.fetchval(_SETTLED, kind.key, month):
        return 0
    await db.execute(_FORGET, kind.key, month)
    tag = await db.execute(_COUNT.format(rows=kind.rows), month, moved(month, 1), clock.now(), kind.key)
    return int(tag.rpartition(" ")[2])
