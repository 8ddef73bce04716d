"""Locker banks: who fills them, their cells, what their terminals told us, and codes that opened nothing."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE hall ADD COLUMN served_by uuid REFERENCES hall (id),
    ADD CONSTRAINT hall_served_check CHECK (served_by IS NULL OR kind = 'locker_bank');
ALTER TABLE delivery ADD COLUMN bank_id uuid REFERENCES hall (id),
    ADD CONSTRAINT delivery_bank_check CHECK ((method = 'locker') = (bank_id IS NOT NULL));
CREATE TABLE locker_cell (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    bank_id uuid NOT NULL REFERENCES hall (id),
    number smallint NOT NULL CONSTRAINT locker_cell_positive_check CHECK (number > 0),
    size text NOT NULL CONSTRAINT locker_cell_size_check CHECK (size IN ('S', 'M', 'L')),
    state text NOT NULL CONSTRAINT locker_cell_state_check CHECK (state IN ('free', 'taken', 'recalled', 'faulty')),
    delivery_id uuid CONSTRAINT locker_cell_delivery_key UNIQUE REFERENCES delivery (id),
    placed_by uuid REFERENCES staff (id),
    opened_at timestamptz,
    CONSTRAINT locker_cell_number_key UNIQUE (bank_id, number),
    CONSTRAINT locker_cell_content_check CHECK (
        state = 'faulty' OR (state = 'free') = (delivery_id IS NULL))
);
CREATE TABLE locker_call (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    nonce text NOT NULL CONSTRAINT locker_call_nonce_key UNIQUE,
    bank_id uuid NOT NULL REFERENCES hall (id),
    event text NOT NULL,
    refused text
);
CREATE INDEX locker_call_index ON locker_call (bank_id, created_at);
CREATE INDEX locker_call_age_index ON locker_call (created_at);
"""

BACKWARD = """
DROP TABLE locker_call, locker_cell;
ALTER TABLE delivery DROP CONSTRAINT delivery_bank_check, DROP COLUMN bank_id;
ALTER TABLE hall DROP CONSTRAINT hall_served_check, DROP COLUMN served_by;
"""


class Migration(migrations.Migration):
    """Lockers."""

    dependencies = [("server", "0068_figures")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
