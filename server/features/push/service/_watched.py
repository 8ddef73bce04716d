"""What is measured of messages."""

from __future__ import annotations

from server.features.push.service._health import KEPT
from server.features.thread import service as thread


class InTenSeconds(thread.Indicator):
    """Messages sent within ten seconds of their time."""

    key, notices, kept = "in_ten_seconds", (112,), KEPT
    fields = ("push_tally.in_time", "push_tally.sent")
    rows = f"""
        SELECT {thread.day_of("p.created_at")} AS day, NULL::uuid AS department_id, NULL::uuid AS hall_id,
            '' AS label, sum(p.in_time) AS part, sum(p.sent) AS whole, NULL::uuid AS id, NULL::uuid AS thread_id,
            p.channel || ' ' || p.template AS what
        FROM push_tally p WHERE {thread.in_months("p.created_at")} GROUP BY 1, p.channel, p.template
    """  # noqa: S608 - no value is formatted in
