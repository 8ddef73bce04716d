"""Who set the clocks of an area for bad ratings, and why."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE rectification_clock
    ADD COLUMN reason text NOT NULL DEFAULT '',
    ADD COLUMN staff_id uuid REFERENCES staff (id);
"""

BACKWARD = "ALTER TABLE rectification_clock DROP COLUMN reason, DROP COLUMN staff_id"


class Migration(migrations.Migration):
    """Reasons of clocks."""

    dependencies = [("server", "0047_themes")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
