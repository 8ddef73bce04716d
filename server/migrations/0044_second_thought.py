"""A rating may be changed once by whoever gave it; what it was before is kept."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE rating_change (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    rating_id uuid NOT NULL CONSTRAINT rating_change_key UNIQUE REFERENCES rating (id),
    level text NOT NULL,
    tags jsonb NOT NULL,
    words_sealed bytea,
    given_at timestamptz NOT NULL
);
"""

BACKWARD = "DROP TABLE rating_change"


class Migration(migrations.Migration):
    """Second thoughts."""

    dependencies = [("server", "0043_references")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
