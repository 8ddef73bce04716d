"""Complaints by telephone: who took one down, the hotline's number of it, and whom to call, where they agreed."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE complaint
    ADD COLUMN taken_by uuid REFERENCES staff (id),
    ADD COLUMN order_number text CONSTRAINT complaint_order_key UNIQUE,
    ADD COLUMN caller_sealed bytea,
    ADD CONSTRAINT complaint_call_check CHECK (
        taken_by IS NOT NULL AND account_id IS NULL AND nameless = (caller_sealed IS NULL)
        OR taken_by IS NULL AND order_number IS NULL AND caller_sealed IS NULL);
"""

BACKWARD = """
DELETE FROM complaint_deed WHERE complaint_id IN (SELECT id FROM complaint WHERE taken_by IS NOT NULL);
DELETE FROM complaint WHERE taken_by IS NOT NULL;
ALTER TABLE complaint DROP CONSTRAINT complaint_call_check,
    DROP COLUMN taken_by, DROP COLUMN order_number, DROP COLUMN caller_sealed;
"""


class Migration(migrations.Migration):
    """Calls."""

    dependencies = [("server", "0082_delivery_attempts")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
