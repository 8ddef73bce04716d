"""Cases drawn by a seed: whoever has the seed draws the same ones, and nobody can choose which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from server import db
from server.features.thread import service as thread

# What was handed in in a period stays what it was; what becomes of it changes nothing of the draw.
_DRAWN = f"""
SELECT c.id, c.thread_id, c.department_id, c.hall_id, count(*) OVER () AS population FROM case_record c
WHERE {thread.in_months("c.submitted_at")} AND {thread.real("c.thread_id")}
    AND ($3::uuid IS NULL OR c.department_id = $3) AND ($4::uuid IS NULL OR c.hall_id = $4)
    AND ($5::uuid[] IS NULL OR c.hall_id = ANY($5) OR c.department_id = ANY($6))
ORDER BY sha256(convert_to($7 || c.id::text, 'UTF8')), c.id LIMIT $8
"""  # noqa: S608 - constants of this module; values are parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One case that was drawn."""

    case_id: UUID
    thread_id: UUID
    department_id: UUID
    hall_id: UUID | None


async def drawn_by(
    seed: str,
    number: int,
    first_on: date,
    before: date,
    *,
    department_id: UUID | None,
    hall_id: UUID | None,
    within: thread.Watcher,
) -> tuple[int, list[Drawn]]:
    """Draw so many of what was handed in from a day until before another; gives from how many, and which.

    The caller has checked how far its actor reaches.
    """
    halls = None if within.halls is None else list(within.halls)
    departments = None if within.departments is None else list(within.departments)
    rows = await db.fetch(_DRAWN, first_on, before, department_id, hall_id, halls, departments, seed, number)
    found = [
        Drawn(case_id=row["id"], thread_id=row["thread_id"], department_id=row["department_id"], hall_id=row["hall_id"])
        for row in rows
    ]
    return (rows[0]["population"] if rows else 0), found
