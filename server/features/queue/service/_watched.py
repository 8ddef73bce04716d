"""What is measured of waiting and serving."""

from __future__ import annotations

from server.features.thread import service as thread

_DAYS = "t.day >= $1 AND t.day < $2"
_HERE = "t.day, NULL::uuid AS department_id, t.hall_id, '' AS label"
_TICKET = "t.id, t.thread_id, t.number AS what"


class Waited(thread.Indicator):
    """Minutes from the number to the call."""

    key, notices, unit, better = "waited", (49, 51), "minutes", "less"
    fields = ("ticket.created_at", "ticket.called_at")
    rows = f"""
        SELECT {_HERE}, greatest(0, extract(epoch FROM t.called_at - t.created_at)) AS part, 1 AS whole, {_TICKET}
        FROM ticket t WHERE {_DAYS} AND t.called_at IS NOT NULL
    """  # noqa: S608 - no value is formatted in


class Served(thread.Indicator):
    """Minutes from the call to the end."""

    key, notices, unit, better = "served", (51,), "minutes", "less"
    fields = ("ticket.called_at", "ticket.finished_at")
    rows = f"""
        SELECT {_HERE}, greatest(0, extract(epoch FROM t.finished_at - t.called_at)) AS part, 1 AS whole, {_TICKET}
        FROM ticket t WHERE {_DAYS} AND t.state = 'done' AND t.called_at IS NOT NULL AND t.finished_at IS NOT NULL
    """  # noqa: S608 - as above
