"""Bad ratings are few among all: their reasons are read of a year and the one before without the others."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = "CREATE INDEX rating_bad_index ON rating (given_at) WHERE level IN ('dissatisfied', 'very_dissatisfied')"
BACKWARD = "DROP INDEX rating_bad_index"


class Migration(migrations.Migration):
    """Bad ratings."""

    dependencies = [("server", "0094_callers")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
