"""A rating that a clerk gives of their enterprise's matter, logged in as one of its clerks, is the enterprise's."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE rating ADD COLUMN enterprise_id uuid,
    ADD CONSTRAINT rating_enterprise_check CHECK (enterprise_id IS NULL OR state <> 'open');
"""

BACKWARD = "ALTER TABLE rating DROP COLUMN enterprise_id"


class Migration(migrations.Migration):
    """Whose name a rating was given under, beside whose login."""

    dependencies = [("server", "0097_test_persons")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
