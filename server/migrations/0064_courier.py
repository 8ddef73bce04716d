"""Orders to the courier, what the courier has told us, and where it said that a parcel was."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE courier_order (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    delivery_id uuid NOT NULL REFERENCES delivery (id),
    state text NOT NULL CONSTRAINT courier_order_state_check CHECK (
        state IN ('waiting', 'ordered', 'cancelling', 'cancelled', 'dead', 'too_late', 'done')),
    carrier text NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    waybill text CONSTRAINT courier_order_waybill_key UNIQUE,
    reason text,
    attempt int NOT NULL,
    failures smallint NOT NULL,
    run_at timestamptz NOT NULL,
    deadline timestamptz NOT NULL,
    lease_until timestamptz,
    asked_at timestamptz,
    CONSTRAINT courier_order_ordered_check CHECK (state NOT IN ('ordered', 'done') OR waybill IS NOT NULL),
    CONSTRAINT courier_order_lease_check CHECK (lease_until IS NULL OR state IN ('waiting', 'cancelling'))
);
CREATE UNIQUE INDEX courier_order_live_key ON courier_order (delivery_id)
    WHERE state IN ('waiting', 'ordered', 'cancelling');
CREATE INDEX courier_order_delivery_index ON courier_order (delivery_id, created_at);
CREATE INDEX courier_order_due_index ON courier_order (run_at) WHERE state IN ('waiting', 'cancelling');
CREATE INDEX courier_order_asked_index ON courier_order (asked_at) WHERE state = 'ordered';
CREATE TABLE courier_call (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    nonce text NOT NULL CONSTRAINT courier_call_nonce_key UNIQUE,
    order_id uuid NOT NULL REFERENCES courier_order (id),
    state text NOT NULL,
    ignored text
);
CREATE INDEX courier_call_age_index ON courier_call (created_at);
ALTER TABLE sending_event ADD COLUMN place_sealed bytea, ADD COLUMN told_at timestamptz;
"""

BACKWARD = """
ALTER TABLE sending_event DROP COLUMN place_sealed, DROP COLUMN told_at;
DROP TABLE courier_call, courier_order;
"""


class Migration(migrations.Migration):
    """The courier."""

    dependencies = [("server", "0063_substitutions")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
