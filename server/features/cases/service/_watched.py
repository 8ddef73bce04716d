"""What of the cases runs on a clock: answering an application, deciding it, and the opinions other departments owe."""

from __future__ import annotations

from server.features.thread import service as thread

# By light, for today: the same as `thread.Clock.light`, which a test compares.
LIT = {
    "red": "c.law_on < {} AND c.paused_on IS NULL",
    "amber": "c.promise_on < {} AND c.law_on >= {} AND c.paused_on IS NULL",
    "green": "c.promise_on >= {} AND c.paused_on IS NULL",
    "black": "c.paused_on IS NOT NULL",
}
_STANDING = """
c.department_id, c.hall_id, c.law_on AS due_on,
CASE WHEN c.paused_on IS NOT NULL OR c.law_on < $1 THEN NULL WHEN c.promise_on < $1 THEN c.law_on
    ELSE c.promise_on END AS turns_on,
CASE WHEN c.paused_on IS NOT NULL THEN 'black' WHEN c.law_on < $1 THEN 'red' WHEN c.promise_on < $1 THEN 'amber'
    ELSE 'green' END AS light
"""
_ACCEPT = f"""
SELECT c.id, c.thread_id, NULL::text AS number, {_STANDING} FROM case_record c
WHERE c.state = 'submitted' AND c.parent_id IS NULL AND c.promise_on IS NOT NULL
"""  # noqa: S608 - no value is formatted in
_DECIDE = f"""
SELECT c.id, c.thread_id, NULL::text AS number, {_STANDING} FROM case_record c
WHERE c.state IN ('accepted', 'accepted_with_deficiency', 'in_review') AND NOT c.whole AND c.promise_on IS NOT NULL
"""  # noqa: S608 - as above
# An opinion is owed by its last day; that day and the one before are amber.
_OPINIONS = """
SELECT c.id, c.thread_id, NULL::text AS number, r.department_id, c.hall_id, r.due_on,
    CASE WHEN r.due_on < $1 THEN NULL WHEN r.due_on <= $1 + 1 THEN r.due_on ELSE r.due_on - 2 END AS turns_on,
    CASE WHEN r.due_on < $1 THEN 'red' WHEN r.due_on <= $1 + 1 THEN 'amber' ELSE 'green' END AS light
FROM review_task r JOIN case_record c ON c.id = r.case_id WHERE r.state = 'open'
"""

thread.watch(thread.Watch(kind="accept", open=_ACCEPT))
thread.watch(thread.Watch(kind="decide", open=_DECIDE))
thread.watch(thread.Watch(kind="opinions", open=_OPINIONS))
