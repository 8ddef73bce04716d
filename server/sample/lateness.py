"""Some of the sample matters are late, or nearly: what a board shows on any day in any county."""

from __future__ import annotations

from datetime import timedelta

from server import db
from server.kit import clock
from server.sample import items

_RESTAURANT, _ANEW = "食品经营许可（新办）", "居民身份证补领"
# Days from now: the promise and the law. Red since yesterday, and one that turns amber unless it is decided today.
_LATE = ((_RESTAURANT, -6, -1), (_ANEW, 0, 9))
_MOVE = """
WITH moved AS (
    UPDATE case_record SET promise_on = $2, law_on = $3
    WHERE item_id = $1 AND state IN ('accepted', 'in_review') AND law_on > $4::date RETURNING thread_id)
UPDATE clock SET promise_on = $2, law_on = $3, started_on = least(started_on, $2) FROM moved
WHERE clock.thread_id = moved.thread_id AND clock.kind = 'decide' AND clock.state = 'running'
"""
# A bad rating of four days ago whose answer is due in three.
_RECTIFY = """
UPDATE rectification SET started_on = started_on - 4, red_on = red_on - 4, due_on = due_on - 4
WHERE state = 'assigned' AND started_on = $1
"""


async def grow() -> int:
    """Move their days back, once; gives how many were moved."""
    today = clock.today()
    moved = 0
    for item, promise, law in _LATE:
        days = (today + timedelta(days=promise), today + timedelta(days=law), today)
        tag = await db.execute(_MOVE, await items.id_of(item), *days)
        moved += int(tag.rpartition(" ")[2])
    tag = await db.execute(_RECTIFY, today)
    return moved + int(tag.rpartition(" ")[2])
