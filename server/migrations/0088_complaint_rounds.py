"""What was promised and kept of a complaint's first round stays, when it is asked once more."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE complaint ADD COLUMN first_due_on date, ADD COLUMN first_answered_at timestamptz,
    ADD CONSTRAINT complaint_first_check CHECK (
        (first_due_on IS NULL) = (first_answered_at IS NULL)
        AND (first_due_on IS NULL OR reopened_at IS NOT NULL));
"""

BACKWARD = "ALTER TABLE complaint DROP COLUMN first_due_on, DROP COLUMN first_answered_at"


class Migration(migrations.Migration):
    """The first round."""

    dependencies = [("server", "0087_samples")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
