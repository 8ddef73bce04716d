"""What is told in public of ratings: computed from the rows each time, with what was left out said beside it."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.features.ratings.models import Level
from server.features.ratings.schemas import FiguresOut

# Counted is what was given, neither excluded by two officers nor in a burst that nobody has looked at or that was not
# counted after the look. `exchange` and `supervision` count by the same words.
COUNTED = """
r.state = 'given' AND (r.burst_id IS NULL
    OR EXISTS (SELECT 1 FROM rating_burst b WHERE b.id = r.burst_id AND b.counted))
"""
_FIGURES = f"""
SELECT r.level, r.state = 'excluded' AS excluded, ({COUNTED}) AS counted, count(*) AS number
FROM rating r WHERE r.state <> 'open' AND ($1::uuid IS NULL OR r.item_id = $1) GROUP BY 1, 2, 3
"""  # noqa: S608 - our own words


async def figures(item_id: UUID | None) -> FiguresOut:
    """Give the public figures of one item, or of all."""
    rows = await db.fetch(_FIGURES, item_id)
    counted = {level: sum(row["number"] for row in rows if row["counted"] and row["level"] == level) for level in Level}
    number = sum(counted.values())
    stars = sum(level.stars * many for level, many in counted.items())
    excluded = sum(row["number"] for row in rows if row["excluded"])
    return FiguresOut(
        number=number,
        average=round(stars / number, 2) if number else None,
        bad=sum(many for level, many in counted.items() if level.bad),
        excluded=excluded,
        looked_into=sum(row["number"] for row in rows) - number - excluded,
    )
