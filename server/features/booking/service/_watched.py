"""What is measured of bookings."""

from __future__ import annotations

from server.features.thread import service as thread


class NoShows(thread.Indicator):
    """Who had booked and did not come."""

    key, notices, better = "no_shows", (48, 51), "less"
    fields = ("booking.day", "booking.state")
    rows = f"""
        SELECT b.day, NULL::uuid AS department_id, b.hall_id, '' AS label,
            {thread.one_if("b.state = 'no_show'")} AS part, 1 AS whole, b.id, b.thread_id, NULL::text AS what
        FROM booking b WHERE b.day >= $1 AND b.day < $2 AND b.state IN ('no_show', 'checked_in', 'served')
    """  # noqa: S608 - constants of our own; values are parameters
