"""Papers that follow, chosen on the phone and not sent yet."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = "ALTER TABLE tolerance ADD COLUMN unsent jsonb NOT NULL DEFAULT '[]'"

BACKWARD = "ALTER TABLE tolerance DROP COLUMN unsent"


class Migration(migrations.Migration):
    """Not sent yet."""

    dependencies = [("server", "0057_paper_batches")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
