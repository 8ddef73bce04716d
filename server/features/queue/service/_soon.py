"""The message at three ahead: to everybody who has come so near, by whatever the line has moved."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.features.catalogue import service as catalogue
from server.features.push import service as push
from server.features.queue import messages
from server.features.queue.service._ahead import Lines, lines_of
from server.kit import clock

AHEAD_TOLD = 3

# Whoever has three or fewer ahead is among the first four of their line, and so is everybody before them in theirs.
_FIRST = """
SELECT first.* FROM unnest($3::text[]) AS one(skill) CROSS JOIN LATERAL (
    SELECT id, number, person_id, thread_id, joined_behind, skill, for_window_id, rank_at FROM ticket
    WHERE hall_id = $1 AND day = $2 AND state IN ('waiting', 'transferred') AND skill = one.skill
        AND (for_window_id IS NULL OR for_window_id <> ALL($4::uuid[]))
    ORDER BY rank_at, id LIMIT $5) AS first
UNION ALL
SELECT id, number, person_id, thread_id, joined_behind, skill, for_window_id, rank_at FROM ticket
WHERE hall_id = $1 AND day = $2 AND state IN ('waiting', 'transferred') AND for_window_id = ANY($4::uuid[])
ORDER BY rank_at, id
"""


async def tell_soon(hall_id: UUID, lines: Lines | None = None) -> None:
    """Tell those who now have three or fewer ahead, and had more when they came: each once.

    In the order of the line, so that two windows that call at once wait for nobody.
    """
    known = lines or await lines_of(hall_id)
    first = await db.fetch(_FIRST, hall_id, clock.today(), list(known.skills), list(known.binding), AHEAD_TOLD + 1)
    ahead = known.ahead(first)
    near = [
        row for row in first if row["person_id"] is not None and ahead[row["id"]] <= AHEAD_TOLD < row["joined_behind"]
    ]
    if not near:
        return
    hall = await catalogue.hall(hall_id)
    for row in near:
        await push.send(
            messages.Soon(ticket_id=str(row["id"]), ticket=row["number"], hall=hall.name, ahead=ahead[row["id"]]),
            to=push.To(person_id=row["person_id"]),
            thread_id=row["thread_id"],
            dedupe=f"queue.soon:{row['id']}",
        )
