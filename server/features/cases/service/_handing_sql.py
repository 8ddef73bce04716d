"""What is read of applications before they are handed in, and the one statement that hands them in."""

from __future__ import annotations

from server.db import promises
from server.features.cases.service._powers import POWER
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.thread import service as thread

STEP, ROUTED = "cases.submitted", "cases.routed"

# One's own draft that was never handed in, and whatever else must be known of it. `other` says that something of it is
# not as a plain draft has it: a paper that is no upload, a clock of an earlier application on the same thread.
FACTS = f"""
    SELECT mine.*, item.active, matter.number, {promises.STORED_COLUMNS}, {identity.OWN_COLUMNS}, answered.ever_asked,
        EXISTS (SELECT 1 FROM material WHERE material.case_id = asked.case_id AND source <> 'upload')
            OR EXISTS (SELECT 1 FROM clock WHERE clock.thread_id = mine.thread_id) AS other
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[]) WITH ORDINALITY
        AS asked (case_id, person_id, account_id, owner, key, place)
    {promises.STORED} {identity.OWN} {push.EVER_ASKED}
    LEFT JOIN LATERAL (SELECT id, thread_id, item_id, guide_id, department_id, person_id, form_sealed, situation_sealed,
        known, version FROM case_record
        WHERE case_record.id = asked.case_id AND case_record.person_id = asked.person_id AND enterprise_id IS NULL
            AND state = 'draft' AND submitted_at IS NULL LIMIT 1) AS mine ON true
    LEFT JOIN LATERAL (SELECT active FROM item WHERE item.id = mine.item_id LIMIT 1) AS item ON true
    LEFT JOIN LATERAL (SELECT number FROM thread WHERE thread.id = mine.thread_id LIMIT 1) AS matter ON true
    ORDER BY asked.place
"""  # noqa: S608 - our own words

# What a row carries into the statement, with its type. `$1` is the moment.
ROWS: tuple[tuple[str, str], ...] = (
    ("case_id", "uuid"),
    ("version", "int"),
    ("thread_id", "uuid"),
    ("account_id", "uuid"),
    ("owner", "text"),
    ("key", "text"),
    ("body_hash", "bytea"),
    ("reply_sealed", "bytea"),
    ("form_sealed", "bytea"),
    ("known", "text"),
    ("told", "text"),
    ("delivery_sealed", "bytea"),
    ("hall_id", "uuid"),
    ("files", "int"),
    ("clock_id", "uuid"),
    ("started_on", "date"),
    ("law_on", "date"),
    ("item_id", "uuid"),
    ("department_id", "uuid"),
)
# The papers of all rows.
PAPERS: tuple[tuple[str, str], ...] = (
    ("case_id", "uuid"),
    ("thread_id", "uuid"),
    ("account_id", "uuid"),
    ("material_id", "uuid"),
    ("rule_key", "text"),
    ("file_id", "uuid"),
    ("place", "int"),
)


def _given(columns: tuple[tuple[str, str], ...], first: int) -> tuple[str, str]:
    kinds = ", ".join(f"${first + place}::{kind}[]" for place, (_, kind) in enumerate(columns))
    return kinds, ", ".join(name for name, _ in columns)


_ROWS, _ROW_NAMES = _given(ROWS, 2)
_PAPERS, _PAPER_NAMES = _given(PAPERS, 2 + len(ROWS))
_CASES, _THREADS = "$2::uuid[]", "$4::uuid[]"
_FILES = f"${2 + len(ROWS) + 5}::uuid[]"

_MAY = POWER.format("t.started_on", "t.department_id", "t.hall_id", "t.item_id", "true")

# Cases, then files, are locked in the order of their ids, so that two batches never wait for each other in a circle.
# A row goes on only if its case is still as it was read, all its files may be handed in, its thread is open and its key
# is not taken. Gives the cases that were handed in.
STATEMENT = f"""
WITH r AS MATERIALIZED (
    SELECT t.*, false AS opens, true AS public, law_on AS promise_on, routed,
        CASE WHEN routed THEN '{ROUTED}' ELSE '{STEP}' END AS step,
        jsonb_build_object('case_id', case_id)
            || CASE WHEN routed THEN jsonb_build_object('department', department.name) ELSE '{{}}' END AS step_data
    FROM unnest({_ROWS}) AS t ({_ROW_NAMES})
    LEFT JOIN LATERAL (SELECT name FROM department WHERE department.id = t.department_id LIMIT 1) AS department ON true
    CROSS JOIN LATERAL (SELECT ({_MAY}) IS DISTINCT FROM 'accept' AS routed) AS power),
f AS MATERIALIZED (SELECT * FROM unnest({_PAPERS}) AS t ({_PAPER_NAMES})),
held AS MATERIALIZED (
    SELECT case_record.id FROM case_record JOIN r ON r.case_id = case_record.id
    WHERE case_record.id = ANY({_CASES}) AND state = 'draft' AND submitted_at IS NULL
        AND case_record.version = r.version
    ORDER BY case_record.id FOR NO KEY UPDATE OF case_record),
papers AS MATERIALIZED ({documents.locked_rows("f", files=_FILES)}),
ready AS MATERIALIZED (
    SELECT r.* FROM r JOIN held ON held.id = r.case_id
    WHERE r.files = (SELECT count(*) FROM papers WHERE papers.case_id = r.case_id)),
continued AS ({thread.continued_rows("ready", at="$1")}),
threaded AS NOT MATERIALIZED (SELECT ready.* FROM ready JOIN continued ON continued.id = ready.thread_id),
claimed AS ({promises.claimed_rows("threaded", at="$1", status=200)}),
done AS MATERIALIZED (
    SELECT threaded.* FROM threaded JOIN claimed ON claimed.owner = threaded.owner AND claimed.key = threaded.key),
moved AS (
    UPDATE case_record SET state = 'submitted', submitted_at = $1, updated_at = $1, version = case_record.version + 1,
        form_sealed = done.form_sealed, known = done.known::jsonb, told = done.told::jsonb, saved_by = done.account_id,
        delivery_sealed = done.delivery_sealed, hall_id = done.hall_id, moved_by = NULL, moved_at = $1,
        promise_on = done.promise_on, law_on = done.law_on, paused_on = NULL,
        routed_at = CASE WHEN done.routed THEN $1 END
    FROM done WHERE case_record.id = ANY({_CASES}) AND case_record.id = done.case_id),
bound AS ({documents.bound_rows("papers", "done", files=_FILES)}),
dropped AS ({documents.dropped_rows("done", files=_FILES, threads=_THREADS)}),
cleared AS (
    DELETE FROM material USING done WHERE material.case_id = ANY({_CASES}) AND material.case_id = done.case_id
        AND NOT EXISTS (SELECT 1 FROM f WHERE f.case_id = material.case_id AND f.rule_key = material.rule_key
            AND f.file_id = material.file_id)),
kept AS (
    INSERT INTO material (id, created_at, case_id, rule_key, source, file_id, place)
    SELECT f.material_id, $1, f.case_id, f.rule_key, 'upload', f.file_id, f.place FROM f JOIN done USING (case_id)
    ON CONFLICT (case_id, rule_key, file_id) DO UPDATE SET place = excluded.place),
days AS ({thread.clock_rows("done", at="$1", kind="receive")}),
told AS MATERIALIZED (
    SELECT * FROM (
        SELECT 1 AS n, thread_id, '{STEP}' AS step, account_id, jsonb_build_object('case_id', case_id) AS step_data
        FROM done
        UNION ALL SELECT 2, thread_id, step, account_id, step_data FROM done WHERE routed) AS both_steps
    ORDER BY n),
steps AS ({thread.step_rows("told", at="$1")})
SELECT case_id FROM done
"""  # noqa: S608 - our own words
