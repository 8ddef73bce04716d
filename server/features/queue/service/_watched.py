"""What is measured of waiting and serving."""

from __future__ import annotations

from server.features.thread import service as thread

_DAYS = "t.day >= $1 AND t.day < $2"
_HERE = "date_trunc('month', t.day)::date AS month, NULL::uuid AS department_id, t.hall_id, '' AS label"


class Waited(thread.Indicator):
    """Minutes from the number to the call."""

    key, notices, unit, better = "waited", (49, 51), "minutes", "less"
    counted = f"""
        SELECT {_HERE}, sum(greatest(0, extract(epoch FROM t.called_at - t.created_at)))::bigint AS part,
            count(*) AS whole
        FROM ticket t WHERE {_DAYS} AND t.called_at IS NOT NULL GROUP BY 1, 3
    """  # noqa: S608 - no value is formatted in


class Served(thread.Indicator):
    """Minutes from the call to the end."""

    key, notices, unit, better = "served", (51,), "minutes", "less"
    counted = f"""
        SELECT {_HERE}, sum(greatest(0, extract(epoch FROM t.finished_at - t.called_at)))::bigint AS part,
            count(*) AS whole
        FROM ticket t WHERE {_DAYS} AND t.state = 'done' AND t.called_at IS NOT NULL AND t.finished_at IS NOT NULL
        GROUP BY 1, 3
    """  # noqa: S608 - as above
