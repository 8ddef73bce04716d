"""Who issues a kind of certificate, where it is not the department that decides."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = "ALTER TABLE certificate_type ADD COLUMN issuer_id uuid REFERENCES department (id)"

BACKWARD = "ALTER TABLE certificate_type DROP COLUMN issuer_id"


class Migration(migrations.Migration):
    """Issuers of kinds."""

    dependencies = [("server", "0079_exhibits")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
