"""Whoever rates without a login keeps a secret of their own: the rating remembers only by what it is known again."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE rating ADD COLUMN secret bytea
    CONSTRAINT rating_secret_check CHECK (secret IS NULL OR account_id IS NULL);
"""

BACKWARD = "ALTER TABLE rating DROP COLUMN secret"


class Migration(migrations.Migration):
    """The rater's secret."""

    dependencies = [("server", "0085_seal_numbers")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
