"""Ratings guarded: bursts left out until somebody has looked, words held for a look, browsers of staff noted."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE rating_burst (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    kind text NOT NULL CONSTRAINT rating_burst_kind_check CHECK (kind IN ('source', 'window')),
    looked_at timestamptz,
    looked_by uuid REFERENCES staff (id),
    counted boolean,
    reason_sealed bytea,
    CONSTRAINT rating_burst_looked_check CHECK (
        (looked_at IS NULL) = (looked_by IS NULL) AND (looked_at IS NULL) = (counted IS NULL)
        AND (looked_at IS NULL) = (reason_sealed IS NULL))
);
CREATE INDEX rating_burst_open_index ON rating_burst (created_at) WHERE looked_at IS NULL;
ALTER TABLE rating
    ADD COLUMN source bytea,
    ADD COLUMN from_staff boolean NOT NULL DEFAULT false,
    ADD COLUMN burst_id uuid REFERENCES rating_burst (id),
    ADD COLUMN words_held boolean NOT NULL DEFAULT false,
    ADD COLUMN words_looked_by uuid REFERENCES staff (id);
CREATE INDEX rating_source_index ON rating (source, given_at) WHERE source IS NOT NULL;
CREATE INDEX rating_window_index ON rating (window_id, given_at) WHERE given_at IS NOT NULL;
CREATE INDEX rating_burst_index ON rating (burst_id) WHERE burst_id IS NOT NULL;
CREATE INDEX rating_held_index ON rating (given_at) WHERE words_held;
CREATE INDEX rating_staff_index ON rating (given_at) WHERE from_staff;
"""

BACKWARD = """
ALTER TABLE rating DROP COLUMN source, DROP COLUMN from_staff, DROP COLUMN burst_id, DROP COLUMN words_held,
    DROP COLUMN words_looked_by;
DROP INDEX rating_window_index;
DROP TABLE rating_burst;
"""


class Migration(migrations.Migration):
    """Guard."""

    dependencies = [("server", "0072_rating_channels")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
