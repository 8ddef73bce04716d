"""Rectifications on their clock. Their numbers stay unsaid: the office does not learn who rated."""

from __future__ import annotations

from server.features.thread import service as thread

# The same as `Rectification.light`.
_OPEN = """
SELECT r.id, r.thread_id, NULL::text AS number, r.department_id, r.hall_id, r.due_on,
    CASE WHEN $1 >= r.red_on THEN NULL WHEN $1 >= r.red_on - 2 THEN r.red_on - 1 ELSE r.red_on - 3 END AS turns_on,
    CASE WHEN $1 >= r.red_on THEN 'red' WHEN $1 >= r.red_on - 2 THEN 'amber' ELSE 'green' END AS light
FROM rectification r WHERE r.closed_at IS NULL AND r.state IN ('assigned', 'verified', 'rectified', 'reopened')
"""

thread.watch(thread.Watch(kind="rectifications", open=_OPEN, numbered=False))
