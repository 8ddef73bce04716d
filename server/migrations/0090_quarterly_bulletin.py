"""A bulletin that nobody ordered: of each quarter that is over there is one, made once."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE bulletin ALTER COLUMN staff_id DROP NOT NULL;
CREATE UNIQUE INDEX bulletin_quarter_key ON bulletin (period) WHERE staff_id IS NULL;
"""

BACKWARD = """
DELETE FROM bulletin WHERE staff_id IS NULL;
DROP INDEX bulletin_quarter_key;
ALTER TABLE bulletin ALTER COLUMN staff_id SET NOT NULL;
"""


class Migration(migrations.Migration):
    """Bulletins of quarters."""

    dependencies = [("server", "0089_seal_of_kind")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
