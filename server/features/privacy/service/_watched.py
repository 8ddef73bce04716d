"""Wishes to be forgotten on their clock: answered within 30 days (GB/T 35273 8.7), amber in the last seven."""

from __future__ import annotations

from server.features.thread import service as thread

_OPEN = """
SELECT w.id, NULL::uuid AS thread_id, NULL::text AS number, NULL::uuid AS department_id, NULL::uuid AS hall_id,
    w.due_on,
    CASE WHEN w.due_on < $1 THEN NULL WHEN w.due_on <= $1 + 6 THEN w.due_on ELSE w.due_on - 7 END AS turns_on,
    CASE WHEN w.due_on < $1 THEN 'red' WHEN w.due_on <= $1 + 6 THEN 'amber' ELSE 'green' END AS light
FROM (SELECT id, (created_at AT TIME ZONE 'Asia/Shanghai')::date + 30 AS due_on FROM data_request
    WHERE kind = 'erasure' AND state = 'asked') AS w
"""

thread.watch(thread.Watch(kind="data_requests", open=_OPEN))
