"""Results in the post: a parcel with its waybill, and everything that was heard of it."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE sending (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    delivery_id uuid NOT NULL REFERENCES delivery (id),
    state text NOT NULL CONSTRAINT sending_state_check CHECK (
        state IN ('posted', 'in_transit', 'signed', 'returned', 'lost')),
    waybill text NOT NULL CONSTRAINT sending_waybill_key UNIQUE,
    staff_id uuid NOT NULL REFERENCES staff (id),
    moved_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX sending_live_key ON sending (delivery_id) WHERE state IN ('posted', 'in_transit');
CREATE INDEX sending_delivery_index ON sending (delivery_id, created_at);
CREATE TABLE sending_event (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    sending_id uuid NOT NULL REFERENCES sending (id),
    state text NOT NULL,
    staff_id uuid REFERENCES staff (id)
);
CREATE INDEX sending_event_index ON sending_event (sending_id, created_at);
CREATE INDEX delivery_post_index ON delivery (hall_id, created_at) WHERE method = 'post';
"""

BACKWARD = """
DROP INDEX delivery_post_index;
DROP TABLE sending_event, sending;
"""


class Migration(migrations.Migration):
    """The post ledger."""

    dependencies = [("server", "0060_receipts")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
