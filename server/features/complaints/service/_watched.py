"""What is watched of complaints: their clock, and how many were answered in it."""

from __future__ import annotations

from server.features.thread import service as thread

# The same as `Complaint.light`.
_OPEN = """
SELECT c.id, c.thread_id, c.number, c.department_id, c.hall_id, c.due_on,
    CASE WHEN c.due_on < $1 THEN NULL WHEN c.due_on <= $1 + 1 THEN c.due_on ELSE c.due_on - 2 END AS turns_on,
    CASE WHEN c.due_on < $1 THEN 'red' WHEN c.due_on <= $1 + 1 THEN 'amber' ELSE 'green' END AS light
FROM complaint c WHERE c.ended_at IS NULL AND c.state IN ('received', 'routed', 'in_progress')
"""

thread.watch(thread.Watch(kind="complaints", open=_OPEN))


class ComplaintsInTime(thread.Indicator):
    """Answered on the last day of their time or before."""

    key, notices, leads = "complaints_in_time", (142, 143), "complaints"
    counted = f"""
        SELECT {thread.month_of("c.answered_at")} AS month, c.department_id, c.hall_id, '' AS label,
            count(*) FILTER (WHERE {thread.day_of("c.answered_at")} <= c.due_on) AS part, count(*) AS whole
        FROM complaint c WHERE {thread.in_months("c.answered_at")} GROUP BY 1, 2, 3
    """  # noqa: S608 - no value is formatted in
