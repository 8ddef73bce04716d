"""Writing down many deeds within somebody's statement."""

from __future__ import annotations


def entries(source: str, *, action: str, subject: str, at: str) -> str:
    """Give the INSERT of one entry a row of `source`, done by citizens.

    It reads `audit_id, account_id, request_id, booking_id` - the subject -, `person_id, thread_id`; `at` is the moment.
    """
    return f"""INSERT INTO audit_entry (id, created_at, actor_kind, actor_id, request_id, action, subject, subject_id,
            person_id, thread_id, is_look, detail)
        SELECT audit_id, {at}, 'citizen', account_id, request_id, '{action}', '{subject}', booking_id,
            person_id, thread_id, false, '{{}}'::jsonb FROM {source}"""  # noqa: S608 - our own words
