"""What was tried and refused on the way of a result: by whom or what, where and why."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE delivery_attempt (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    way text NOT NULL CONSTRAINT delivery_attempt_way_check CHECK (way IN ('counter', 'desk', 'locker', 'courier')),
    reason text NOT NULL,
    params jsonb NOT NULL,
    staff_id uuid REFERENCES staff (id),
    hall_id uuid REFERENCES hall (id)
);
CREATE INDEX delivery_attempt_index ON delivery_attempt (created_at, id);
"""

BACKWARD = "DROP TABLE delivery_attempt"


class Migration(migrations.Migration):
    """Refused attempts."""

    dependencies = [("server", "0081_earlier_papers")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
