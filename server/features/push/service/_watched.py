"""What is measured of messages."""

from __future__ import annotations

from server.features.push.service._health import KEPT
from server.features.thread import service as thread


class InTenSeconds(thread.Indicator):
    """Messages sent within ten seconds of their time."""

    key, notices, kept = "in_ten_seconds", (112,), KEPT
    counted = f"""
        SELECT {thread.month_of("p.created_at")} AS month, NULL::uuid AS department_id, NULL::uuid AS hall_id,
            '' AS label, sum(p.in_time) AS part, sum(p.sent) AS whole
        FROM push_tally p WHERE {thread.in_months("p.created_at")} GROUP BY 1
    """  # noqa: S608 - no value is formatted in
