"""Push: what a popup's report said, so that another one under its nonce is told from the same one sent again."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# Reports from before this have none: whatever comes under their nonce is taken for the same.
FORWARD = "ALTER TABLE subscription_report ADD COLUMN body_hash bytea"
BACKWARD = "ALTER TABLE subscription_report DROP COLUMN body_hash"


class Migration(migrations.Migration):
    """What a report said."""

    dependencies = [("server", "0029_front_desk")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
