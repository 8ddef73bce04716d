"""Accepted although a paper that may follow is lacking: which, until when, and the commitment that was signed."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE tolerance (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    case_id uuid NOT NULL CONSTRAINT tolerance_case_key UNIQUE REFERENCES case_record (id),
    keys text[] NOT NULL CONSTRAINT tolerance_keys_check CHECK (cardinality(keys) > 0),
    due_on date NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    closed_at timestamptz
);
CREATE INDEX tolerance_due_index ON tolerance (due_on) WHERE closed_at IS NULL;
"""

BACKWARD = """
DROP TABLE tolerance;
"""


class Migration(migrations.Migration):
    """Papers that may follow."""

    dependencies = [("server", "0037_opinions")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
