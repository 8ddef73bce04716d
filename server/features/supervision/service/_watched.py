"""What supervisors ask of departments runs on a clock like everything else."""

from __future__ import annotations

from server.features.thread import service as thread

_OPEN = """
SELECT a.id, NULL::uuid AS thread_id, NULL::text AS number, a.department_id, NULL::uuid AS hall_id, a.due_on,
    CASE WHEN a.due_on < $1 THEN NULL WHEN a.due_on <= $1 + 1 THEN a.due_on ELSE a.due_on - 2 END AS turns_on,
    CASE WHEN a.due_on < $1 THEN 'red' WHEN a.due_on <= $1 + 1 THEN 'amber' ELSE 'green' END AS light
FROM assignment a WHERE a.state = 'open'
"""

thread.watch(thread.Watch(kind="assignments", open=_OPEN))


class SampledSound(thread.Indicator):
    """Cases drawn at random in which nothing was bad, of those that were looked through."""

    key, notices, fields = "sampled_sound", (151,), ("sample_case.checked_at", "sample_case.bad")
    rows = f"""
        SELECT {thread.day_of("s.checked_at")} AS day, s.department_id, s.hall_id, '' AS label,
            {thread.one_if("s.bad = 0")} AS part, 1 AS whole, s.case_id AS id, s.thread_id, NULL::text AS what
        FROM sample_case s WHERE {thread.in_months("s.checked_at")}
    """  # noqa: S608 - constants of our own; values are parameters
