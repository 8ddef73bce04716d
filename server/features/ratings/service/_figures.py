"""What is told in public of ratings: computed from the rows each time, with what was left out said beside it.

How many there are is told at once, how they were in batches: whoever has just served somebody could else read from the
difference what that one gave.
"""

from __future__ import annotations

from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import Meta

from server import db
from server.features.catalogue import service as catalogue
from server.features.ratings.models import Level
from server.features.ratings.schemas import FiguresOut
from server.features.thread import service as thread

# Counted is what was given, neither excluded by two officers nor in a burst that nobody has looked at or that was not
# counted after the look. `exchange` and `supervision` count by the same words.
COUNTED = """
r.state = 'given' AND (r.burst_id IS NULL
    OR EXISTS (SELECT 1 FROM rating_burst b WHERE b.id = r.burst_id AND b.counted))
"""
# What is counted at all, `r`: what was rated as a test person is in none of the figures, nor among what was left out.
RATINGS = f"rating r WHERE {thread.real('r.thread_id')}"
RATED_TAGS = f"rating r, jsonb_array_elements_text(r.tags) AS tag WHERE {thread.real('r.thread_id')}"
_OF = "($1::uuid IS NULL OR r.item_id = $1)"
_FIGURES = f"""
WITH every AS (
    SELECT r.level, r.state = 'excluded' AS excluded, ({COUNTED}) AS counted, count(*) AS number
    FROM {RATINGS} AND r.state <> 'open' AND {_OF} GROUP BY 1, 2, 3
), latest AS (
    SELECT r.level FROM {RATINGS} AND {COUNTED} AND {_OF} ORDER BY r.given_at DESC, r.id DESC
    LIMIT (SELECT (coalesce(sum(number) FILTER (WHERE counted), 0) % $2::int)::bigint FROM every)
)
SELECT *, (SELECT count(*) FROM latest WHERE counted AND latest.level = every.level) AS waiting FROM every
"""  # noqa: S608 - our own words


class PublicPolicy(catalogue.Policy, frozen=True, kw_only=True):
    """Of how few people nothing is published. What usually holds is what a year of one's own ratings goes by, too."""

    kind: ClassVar[str] = "published"
    fewest: Annotated[int, Meta(ge=3, le=100)] = 5


async def figures(item_id: UUID | None, region_code: str = "") -> FiguresOut:
    """Give the public figures of one item, or of all in an area. Raises NotFound."""
    area = region_code if item_id is None else (await catalogue.item(item_id)).region_code
    fewest = (await catalogue.policy(PublicPolicy, area)).fewest
    rows = await db.fetch(_FIGURES, item_id, fewest)
    told = {level: _sum(rows, level) - _sum(rows, level, "waiting") for level in Level}
    number = sum(_sum(rows, level) for level in Level)
    excluded = sum(row["number"] for row in rows if row["excluded"])
    many = sum(told.values())
    return FiguresOut(
        number=number,
        fewest=fewest,
        told=many,
        average=round(sum(level.stars * given for level, given in told.items()) / many, 2) if many else None,
        bad=sum(given for level, given in told.items() if level.bad) if many else None,
        excluded=excluded,
        looked_into=sum(row["number"] for row in rows) - number - excluded,
    )


def _sum(rows: list[db.Record], level: Level, column: str = "number") -> int:
    return sum(row[column] for row in rows if row["counted"] and row["level"] == level)
