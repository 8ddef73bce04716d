"""What a hall may do for a department: accept in its name, only receive, or nothing that was written down."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from server import db
from server.kit import clock

Power = Literal["accept", "receive"]

# What a hall may do: the day, the department, the hall, the item, and whether a document for all halls counts.
POWER = """
    SELECT min(kind) FROM authorisation WHERE state = 'active' AND first_on <= {0} AND last_on >= {0}
    AND department_id = {1} AND (hall_id = {2} OR {4} AND hall_id IS NULL)
    AND (item_ids IS NULL OR {3} = ANY (item_ids))
"""
_POWER = POWER.format("$1", "$2", "$3", "$4", "$5")
_STRANDED = """
    SELECT c.id FROM case_record c WHERE c.state = 'submitted' AND NOT c.whole AND c.routed_at IS NULL
        AND c.hall_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM authorisation a WHERE a.state = 'active' AND a.kind = 'accept'
            AND a.first_on <= $1 AND a.last_on >= $1 AND a.department_id = c.department_id
            AND (a.hall_id IS NULL OR a.hall_id = c.hall_id)
            AND (a.item_ids IS NULL OR c.item_id = ANY (a.item_ids)))
    LIMIT 500
"""


async def power_of(hall_id: UUID, item_id: UUID, department_id: UUID, *, by_name: bool = False) -> Power | None:
    """Say what a hall may do today for a department with an item of it; `by_name`: by a document for this very hall."""
    found: Power | None = await db.fetchval(_POWER, clock.today(), department_id, hall_id, item_id, not by_name)
    return found


async def stranded() -> list[UUID]:
    """Name the applications that lie in a hall which may not accept them (any more), and are not passed on."""
    return [row["id"] for row in await db.fetch(_STRANDED, clock.today())]
