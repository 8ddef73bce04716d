"""The seal register is searched by number and serial; a mistake may be two departments' to mend."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE INDEX seal_use_number_idx ON seal_use (number);
CREATE INDEX seal_use_serial_idx ON seal_use ((substring(number FROM '([0-9]+)[^0-9]*$')));
ALTER TABLE field_report DROP CONSTRAINT field_report_key,
    ADD CONSTRAINT field_report_key UNIQUE (case_id, field_key, department_id);
"""

BACKWARD = """
DELETE FROM field_report later USING field_report first
    WHERE later.case_id = first.case_id AND later.field_key = first.field_key AND later.id > first.id;
ALTER TABLE field_report DROP CONSTRAINT field_report_key,
    ADD CONSTRAINT field_report_key UNIQUE (case_id, field_key);
DROP INDEX seal_use_number_idx, seal_use_serial_idx;
"""


class Migration(migrations.Migration):
    """Numbers of the seal register, reports of two departments."""

    dependencies = [("server", "0084_rating_texts")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
