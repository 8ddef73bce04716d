"""Papers handed over in batches that both sides sign for."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE SEQUENCE paper_batch_serial;
CREATE TABLE paper_batch (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    number text NOT NULL CONSTRAINT paper_batch_number_key UNIQUE,
    hall_id uuid NOT NULL REFERENCES hall (id),
    department_id uuid NOT NULL REFERENCES department (id),
    state text NOT NULL CONSTRAINT paper_batch_state_check CHECK (state IN ('open', 'handed', 'received')),
    due_on date NOT NULL,
    giver_id uuid NOT NULL REFERENCES staff (id),
    handed_at timestamptz,
    receiver_id uuid REFERENCES staff (id),
    received_at timestamptz,
    CONSTRAINT paper_batch_signed_check CHECK (
        (state = 'open') = (handed_at IS NULL)
        AND (state = 'received') = (received_at IS NOT NULL) AND (state = 'received') = (receiver_id IS NOT NULL)
        AND receiver_id IS DISTINCT FROM giver_id)
);
CREATE UNIQUE INDEX paper_batch_open_key ON paper_batch (hall_id, department_id) WHERE state = 'open';
CREATE INDEX paper_batch_hall_index ON paper_batch (hall_id, created_at);
CREATE INDEX paper_batch_department_index ON paper_batch (department_id, created_at);
CREATE TABLE paper_line (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    batch_id uuid NOT NULL REFERENCES paper_batch (id),
    case_id uuid NOT NULL REFERENCES case_record (id),
    keys jsonb NOT NULL,
    state text NOT NULL CONSTRAINT paper_line_state_check
        CHECK (state IN ('listed', 'received', 'missing', 'found', 'lost')),
    counted_by uuid REFERENCES staff (id),
    counted_at timestamptz,
    settled_by uuid REFERENCES staff (id),
    settled_at timestamptz,
    words_sealed bytea,
    CONSTRAINT paper_line_key UNIQUE (batch_id, case_id),
    CONSTRAINT paper_line_counted_check CHECK (
        (state = 'listed') = (counted_by IS NULL) AND (state = 'listed') = (counted_at IS NULL)),
    CONSTRAINT paper_line_settled_check CHECK (
        (state IN ('found', 'lost')) = (settled_by IS NOT NULL) AND (settled_by IS NULL) = (settled_at IS NULL))
);
CREATE UNIQUE INDEX paper_line_open_key ON paper_line (case_id) WHERE state IN ('listed', 'missing');
CREATE INDEX paper_line_case_index ON paper_line (case_id, created_at);
"""

BACKWARD = "DROP TABLE paper_line, paper_batch; DROP SEQUENCE paper_batch_serial"


class Migration(migrations.Migration):
    """Paper batches."""

    dependencies = [("server", "0056_post")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
