"""Whose the first round of a complaint was stays, when it is routed elsewhere for the second."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE complaint ADD COLUMN first_department_id uuid, ADD COLUMN first_hall_id uuid;
UPDATE complaint SET first_department_id = department_id, first_hall_id = hall_id WHERE first_due_on IS NOT NULL;
"""

BACKWARD = "ALTER TABLE complaint DROP COLUMN first_department_id, DROP COLUMN first_hall_id"


class Migration(migrations.Migration):
    """The office of the first round."""

    dependencies = [("server", "0092_pixels")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
