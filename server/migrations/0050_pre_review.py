"""What was looked at online and waits for its originals to be seen."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE pre_review (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    case_id uuid NOT NULL REFERENCES case_record (id),
    keys text[] NOT NULL CONSTRAINT pre_review_keys_check CHECK (cardinality(keys) > 0),
    due_on date NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    closed_at timestamptz
);
CREATE UNIQUE INDEX pre_review_open_key ON pre_review (case_id) WHERE closed_at IS NULL;
CREATE INDEX pre_review_due_index ON pre_review (due_on) WHERE closed_at IS NULL;
"""

BACKWARD = "DROP TABLE pre_review"


class Migration(migrations.Migration):
    """Pre-review."""

    dependencies = [("server", "0049_area_policies")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
