"""Changes of how a hall runs its line: each kept with what was before, in force from a day on, to be taken back."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE line_edit (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    hall_id uuid NOT NULL REFERENCES hall (id),
    staff_id uuid NOT NULL REFERENCES staff (id),
    first_on date NOT NULL,
    reason text NOT NULL,
    old jsonb NOT NULL,
    new jsonb NOT NULL,
    applied_at timestamptz,
    undone_at timestamptz
);
CREATE INDEX line_edit_hall_index ON line_edit (hall_id, created_at);
CREATE INDEX line_edit_due_index ON line_edit (first_on) WHERE applied_at IS NULL AND undone_at IS NULL;
"""


class Migration(migrations.Migration):
    """Rules of the line."""

    dependencies = [("server", "0027_situations")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, "DROP TABLE line_edit")]  # noqa: RUF012
