"""What is measured of bookings."""

from __future__ import annotations

from server.features.thread import service as thread


class NoShows(thread.Indicator):
    """Who had booked and did not come."""

    key, notices, better = "no_shows", (48, 51), "less"
    counted = """
        SELECT date_trunc('month', b.day)::date AS month, NULL::uuid AS department_id, b.hall_id, '' AS label,
            count(*) FILTER (WHERE b.state = 'no_show') AS part, count(*) AS whole
        FROM booking b WHERE b.day >= $1 AND b.day < $2 AND b.state IN ('no_show', 'checked_in', 'served')
        GROUP BY 1, 3
    """
