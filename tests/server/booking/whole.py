"""What must be true of places, bookings, lines and tickets at any moment, whoever did what and whatever died."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from server.kit import clock

Fetch = Callable[..., Awaitable[list[Any]]]

# Each gives a row for every fault. `$1` is the moment.
RULES: dict[str, str] = {
    # Somebody who leaves when their time has begun gives nothing back that anybody could still take.
    "the places taken are those who have one": """
        SELECT s.id, s.taken, count(b.id) AS have FROM slot s LEFT JOIN booking b ON b.slot_id = s.id
            AND b.state IN ('held', 'requested', 'confirmed', 'checked_in', 'served', 'no_show')
        GROUP BY s.id HAVING s.taken < count(b.id) OR (s.taken > count(b.id) AND s.starts_at > $1)""",
    "no time has more people than places": "SELECT id FROM slot WHERE taken > capacity OR taken < 0 OR $1 IS NULL",
    "nobody has the same thing twice in a day": """
        SELECT person_id, day, item_id FROM booking
        WHERE state IN ('held', 'requested', 'confirmed', 'checked_in') AND $1 IS NOT NULL
        GROUP BY 1, 2, 3 HAVING count(*) > 1""",
    "an offer is a hold, and what became of it is what became of the hold": """
        SELECT w.id, w.state, b.state FROM waitlist w LEFT JOIN booking b ON b.id = w.booking_id
        WHERE $1 IS NOT NULL AND CASE w.state
            WHEN 'offered' THEN b.state IS DISTINCT FROM 'held'
            WHEN 'taken' THEN b.id IS NULL OR b.state = 'held'
            WHEN 'waiting' THEN b.id IS NOT NULL
            ELSE b.state = 'held' END""",
    "who is next in line holds what was kept for them": """
        SELECT b.id FROM booking b LEFT JOIN waitlist w ON w.booking_id = b.id
        WHERE b.offer = 'waitlist' AND w.id IS NULL AND $1 IS NOT NULL""",
    "who is expected has a code, and nobody else has one that opens": """
        SELECT b.id, b.state, c.revoked_at FROM booking b LEFT JOIN code c ON c.subject_id = b.id AND c.kind = 'booking'
        WHERE $1 IS NOT NULL AND CASE b.state
            WHEN 'confirmed' THEN c.token IS NULL OR c.revoked_at IS NOT NULL
            WHEN 'cancelled' THEN c.token IS NOT NULL AND c.revoked_at IS NULL
            WHEN 'expired' THEN c.token IS NOT NULL AND c.revoked_at IS NULL
            WHEN 'declined' THEN c.token IS NOT NULL ELSE false END""",
    "who has checked in stands in the line, once": """
        SELECT b.id, b.state, t.state FROM booking b FULL JOIN ticket t ON t.booking_id = b.id
        WHERE $1 IS NOT NULL AND (b.id IS NOT NULL OR t.booking_id IS NOT NULL) AND CASE b.state
            WHEN 'checked_in' THEN coalesce(t.state, '') NOT IN
                ('waiting', 'transferred', 'called', 'serving', 'held', 'skipped')
            WHEN 'served' THEN coalesce(t.state, '') <> 'done'
            WHEN 'expired' THEN coalesce(t.state, 'abandoned') <> 'abandoned'
            ELSE t.id IS NOT NULL END""",
    "a window has one at a time": """
        SELECT window_id FROM ticket WHERE state IN ('called', 'serving') AND $1 IS NOT NULL
        GROUP BY 1 HAVING count(*) > 1""",
    "every booking has its first step": """
        SELECT b.id FROM booking b WHERE $1 IS NOT NULL AND NOT EXISTS
            (SELECT 1 FROM step WHERE step.thread_id = b.thread_id AND step.data->>'booking_id' = b.id::text)""",
    "no deed is remembered without its answer": """
        SELECT owner, key FROM idempotency_key WHERE (status IS NULL OR reply_sealed IS NULL) AND $1 IS NOT NULL""",
}


async def faults(fetch: Fetch, at: datetime | None = None) -> list[str]:
    """Hold the whole database against the rules; gives what is broken, and where. `fetch` runs one statement."""
    moment = at or clock.now()
    found = []
    for rule, sql in RULES.items():
        rows = await fetch(sql.replace("$1", "$1::timestamptz"), moment)
        found += [f"{rule}: {[dict(row) for row in rows[:3]]} ({len(rows)})"] if rows else []
    return found
