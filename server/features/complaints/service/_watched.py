"""Complaints on their clock."""

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
