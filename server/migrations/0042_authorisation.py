"""What departments let halls do in their name, and applications that were passed on to a department to be accepted."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE authorisation (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    department_id uuid NOT NULL REFERENCES department (id),
    hall_id uuid REFERENCES hall (id),
    item_ids uuid[] CONSTRAINT authorisation_items_check CHECK (cardinality(item_ids) > 0),
    kind text NOT NULL CONSTRAINT authorisation_kind_check CHECK (kind IN ('accept', 'receive')),
    number text NOT NULL,
    signed_by text NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL,
    state text NOT NULL CONSTRAINT authorisation_state_check CHECK (state IN ('asked', 'active', 'refused', 'ended')),
    by_department boolean NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    answered_by uuid REFERENCES staff (id),
    answered_at timestamptz,
    ended_by uuid REFERENCES staff (id),
    ended_at timestamptz,
    reason text,
    CONSTRAINT authorisation_days_check CHECK (first_on <= last_on),
    CONSTRAINT authorisation_hands_check CHECK (
        (state = 'asked') = (answered_by IS NULL) AND (answered_by IS NULL) = (answered_at IS NULL)
        AND (state NOT IN ('active', 'ended') OR answered_by <> staff_id)),
    CONSTRAINT authorisation_ended_check CHECK (
        (state = 'ended') = (ended_by IS NOT NULL) AND (ended_by IS NULL) = (ended_at IS NULL))
);
CREATE UNIQUE INDEX authorisation_live_key ON authorisation (department_id, hall_id, number) NULLS NOT DISTINCT
    WHERE state IN ('asked', 'active');
CREATE INDEX authorisation_department_index ON authorisation (department_id, last_on) WHERE state = 'active';
ALTER TABLE case_record ADD COLUMN routed_at timestamptz;
"""

BACKWARD = """
ALTER TABLE case_record DROP COLUMN routed_at;
DROP TABLE authorisation;
"""


class Migration(migrations.Migration):
    """Who may accept where."""

    dependencies = [("server", "0041_rectifying")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
