"""Cases: one application of one person or enterprise, what it holds, and how it was decided."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# A table named `case` would need quoting in every statement.
FORWARD = """
CREATE TABLE case_record (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    thread_id uuid NOT NULL REFERENCES thread (id),
    item_id uuid NOT NULL REFERENCES item (id),
    guide_id uuid NOT NULL REFERENCES guide (id),
    department_id uuid NOT NULL REFERENCES department (id),
    hall_id uuid REFERENCES hall (id),
    region_code text NOT NULL,
    person_id uuid NOT NULL REFERENCES person (id),
    enterprise_id uuid REFERENCES enterprise (id),
    account_id uuid REFERENCES account (id),
    channel text NOT NULL CONSTRAINT case_channel_check CHECK (channel IN ('phone', 'window', 'post')),
    state text NOT NULL CONSTRAINT case_state_check CHECK (state IN (
        'draft', 'submitted', 'pre_review', 'correction_asked', 'accepted', 'accepted_with_deficiency', 'declined',
        'in_review', 'granted', 'denied', 'withdrawn', 'terminated', 'closed')),
    form_sealed bytea NOT NULL,
    prefilled jsonb NOT NULL DEFAULT '[]',
    version integer NOT NULL DEFAULT 1,
    delivery_sealed bytea,
    correction_sealed bytea,
    opinion_sealed bytea,
    submitted_at timestamptz,
    accepted_at timestamptz,
    accepted_by uuid REFERENCES staff (id),
    decided_at timestamptz,
    decided_by uuid REFERENCES staff (id),
    CONSTRAINT case_submitted_check CHECK (state = 'draft' OR submitted_at IS NOT NULL OR state = 'withdrawn'),
    CONSTRAINT case_decided_check CHECK (state NOT IN ('granted', 'denied') OR decided_by IS NOT NULL)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX case_live_key ON case_record (thread_id)
    WHERE state NOT IN ('declined', 'denied', 'granted', 'withdrawn', 'terminated', 'closed');
CREATE INDEX case_thread_index ON case_record (thread_id, created_at);
CREATE INDEX case_department_index ON case_record (department_id, state, submitted_at);
CREATE INDEX case_hall_index ON case_record (hall_id, state, submitted_at);
CREATE TABLE material (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    case_id uuid NOT NULL REFERENCES case_record (id),
    rule_key text NOT NULL,
    source text NOT NULL CONSTRAINT material_source_check
        CHECK (source IN ('upload', 'shared', 'certificate', 'earlier_case', 'window')),
    file_id uuid REFERENCES file (id),
    certificate_id uuid REFERENCES certificate (id),
    place smallint NOT NULL,
    CONSTRAINT material_holds_check CHECK (
        (source IN ('upload', 'earlier_case') AND file_id IS NOT NULL)
        OR (source = 'certificate' AND certificate_id IS NOT NULL)
        OR source IN ('shared', 'window')),
    CONSTRAINT material_file_key UNIQUE (case_id, rule_key, file_id)
);
CREATE INDEX material_case_index ON material (case_id);
CREATE INDEX material_file_index ON material (file_id) WHERE file_id IS NOT NULL;
"""

BACKWARD = "DROP TABLE material, case_record"


class Migration(migrations.Migration):
    """Tables of the cases feature."""

    dependencies = [("server", "0010_queue")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
