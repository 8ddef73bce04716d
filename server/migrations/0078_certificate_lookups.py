"""What the desk looks certificates up by: the newest, of a department, and the serial in a number."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE INDEX certificate_newest_index ON certificate (created_at DESC, id DESC);
CREATE INDEX certificate_department_index ON certificate (department_id, created_at DESC, id DESC);
CREATE INDEX certificate_serial_index ON certificate (split_part(number, '.', 8));
CREATE INDEX certificate_suspended_index ON certificate (created_at DESC, id DESC) WHERE state = 'suspended';
"""

BACKWARD = """
DROP INDEX certificate_newest_index, certificate_department_index, certificate_serial_index,
    certificate_suspended_index;
"""


class Migration(migrations.Migration):
    """Look-ups of certificates."""

    dependencies = [("server", "0077_certificate_forms")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
