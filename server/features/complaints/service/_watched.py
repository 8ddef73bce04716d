"""What is watched of complaints: their clock, and how many were answered in it."""

from __future__ import annotations

from server.features.thread import service as thread

# The same as `Complaint.light`.
_OPEN = f"""
SELECT c.id, c.thread_id, c.number, c.department_id, c.hall_id, c.due_on,
    CASE WHEN c.due_on < $1 THEN NULL WHEN c.due_on <= $1 + 1 THEN c.due_on ELSE c.due_on - 2 END AS turns_on,
    CASE WHEN c.due_on < $1 THEN 'red' WHEN c.due_on <= $1 + 1 THEN 'amber' ELSE 'green' END AS light
FROM complaint c WHERE c.ended_at IS NULL AND c.state IN ('received', 'routed', 'in_progress')
    AND {thread.real("c.id")}
"""  # noqa: S608 - constants of our own; values are parameters

thread.watch(thread.Watch(kind="complaints", open=_OPEN))


# Each round by itself: the days of the second do not make the answer of the first one timely.
_ROUNDS = f"""
    SELECT id, number, first_department_id AS department_id, first_hall_id AS hall_id, first_due_on AS due_on,
        first_answered_at AS answered_at
    FROM complaint WHERE {thread.in_months("first_answered_at")}
    UNION ALL
    SELECT id, number, department_id, hall_id, due_on, answered_at
    FROM complaint WHERE {thread.in_months("answered_at")} AND (reopened_at IS NULL OR answered_at >= reopened_at)
    UNION ALL
    SELECT id, number, department_id, hall_id, due_on, NULL::timestamptz
    FROM complaint WHERE due_on >= $1 AND due_on < $2 AND due_on < {thread.day_of("$3::timestamptz")}
        AND ended_at IS NULL AND (answered_at IS NULL OR answered_at < reopened_at)
"""  # noqa: S608 - constants of our own; values are parameters


class ComplaintsInTime(thread.Indicator):
    """Answered on the last day of their time or before; what is over its time and has no answer is not."""

    key, notices, leads = "complaints_in_time", (142, 143), "complaints"
    fields = ("complaint.answered_at", "complaint.due_on", "complaint.first_answered_at", "complaint.first_due_on")
    rows = f"""
        SELECT coalesce({thread.day_of("r.answered_at")}, r.due_on) AS day, r.department_id, r.hall_id, '' AS label,
            {thread.one_if(f"{thread.day_of('r.answered_at')} <= r.due_on")} AS part, 1 AS whole, r.id,
            NULL::uuid AS thread_id, r.number AS what
        FROM ({_ROUNDS}) AS r WHERE {thread.real("r.id")}
    """  # noqa: S608 - as above
