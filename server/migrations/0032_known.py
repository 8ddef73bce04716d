"""Applying: where an answer comes from, who saved last, what was told, and reports that something known is wrong."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE case_record ADD known jsonb NOT NULL DEFAULT '{}', ADD saved_by uuid, ADD told jsonb;
UPDATE case_record SET known = (
    SELECT jsonb_object_agg(key, '{"kind": "register"}'::jsonb) FROM jsonb_array_elements_text(prefilled) AS key
) WHERE prefilled <> '[]';
ALTER TABLE case_record DROP prefilled;
CREATE INDEX case_person_index ON case_record (person_id, submitted_at);
CREATE INDEX case_enterprise_index ON case_record (enterprise_id, submitted_at) WHERE enterprise_id IS NOT NULL;
CREATE TABLE field_report (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    case_id uuid NOT NULL REFERENCES case_record (id),
    thread_id uuid NOT NULL REFERENCES thread (id),
    person_id uuid NOT NULL REFERENCES person (id),
    department_id uuid NOT NULL REFERENCES department (id),
    field_key text NOT NULL,
    label text NOT NULL,
    source text NOT NULL CONSTRAINT field_report_source_check CHECK (source IN ('register', 'certificate', 'case')),
    source_name text,
    held_sealed bytea NOT NULL,
    right_sealed bytea NOT NULL,
    words_sealed bytea,
    state text NOT NULL CONSTRAINT field_report_state_check CHECK (state IN ('open', 'corrected', 'kept')),
    answer_sealed bytea,
    answered_at timestamptz,
    answered_by uuid REFERENCES staff (id),
    CONSTRAINT field_report_key UNIQUE (case_id, field_key),
    CONSTRAINT field_report_answered_check CHECK ((state = 'open') = (answered_at IS NULL))
);
CREATE INDEX field_report_open_index ON field_report (department_id, created_at) WHERE state = 'open';
CREATE INDEX field_report_person_index ON field_report (person_id);
CREATE INDEX field_report_thread_index ON field_report (thread_id);
"""

BACKWARD = """
DROP TABLE field_report;
DROP INDEX case_enterprise_index, case_person_index;
ALTER TABLE case_record ADD prefilled jsonb NOT NULL DEFAULT '[]';
UPDATE case_record
SET prefilled = (SELECT coalesce(jsonb_agg(key ORDER BY key), '[]') FROM jsonb_object_keys(known) AS key);
ALTER TABLE case_record DROP told, DROP saved_by, DROP known;
"""


class Migration(migrations.Migration):
    """What is known of an applicant, and who answers for it."""

    dependencies = [("server", "0031_at_the_window_for_others")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
