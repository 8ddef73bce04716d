"""Delivery: how a result reaches the hands of the person, and the proof that it did."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE delivery (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    thread_id uuid NOT NULL REFERENCES thread (id),
    case_id uuid NOT NULL CONSTRAINT delivery_case_key UNIQUE REFERENCES case_record (id),
    person_id uuid NOT NULL REFERENCES person (id),
    hall_id uuid NOT NULL REFERENCES hall (id),
    method text NOT NULL CONSTRAINT delivery_method_check CHECK (method IN ('counter', 'locker', 'post')),
    state text NOT NULL CONSTRAINT delivery_state_check CHECK (state IN (
        'preparing', 'handed_to_window', 'ready_to_collect', 'collected',
        'posted', 'in_transit', 'signed', 'returned')),
    pickup_code_sealed bytea NOT NULL,
    pickup_index bytea NOT NULL,
    shelf text,
    ready_at timestamptz,
    collected_at timestamptz,
    handed_over_by uuid REFERENCES staff (id),
    CONSTRAINT delivery_collected_check CHECK (
        (state = 'collected') = (collected_at IS NOT NULL AND handed_over_by IS NOT NULL))
);
CREATE UNIQUE INDEX delivery_pickup_key ON delivery (pickup_index)
    WHERE state IN ('preparing', 'handed_to_window', 'ready_to_collect');
CREATE INDEX delivery_desk_index ON delivery (hall_id, state, created_at);
CREATE INDEX delivery_thread_index ON delivery (thread_id);
"""

BACKWARD = "DROP TABLE delivery"


class Migration(migrations.Migration):
    """Tables of the delivery feature."""

    dependencies = [("server", "0011_cases")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
