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
