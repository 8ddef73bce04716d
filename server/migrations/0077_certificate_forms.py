"""How a kind of certificate is drawn, and how long it is good where the guide says nothing."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE certificate_type
    ADD COLUMN form text NOT NULL DEFAULT 'card'
        CONSTRAINT certificate_type_form_check CHECK (form IN ('card', 'sheet')),
    ADD COLUMN validity_months smallint;
ALTER TABLE certificate_type ALTER COLUMN form DROP DEFAULT;
"""

BACKWARD = "ALTER TABLE certificate_type DROP COLUMN validity_months, DROP COLUMN form"


class Migration(migrations.Migration):
    """Forms of certificates."""

    dependencies = [("server", "0076_assignments")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
