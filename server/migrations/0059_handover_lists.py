"""What a department has made is handed to the window by list: who gave, who counted, and what was missing."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE delivery ADD COLUMN department_id uuid REFERENCES department (id), ADD COLUMN made_at text;
UPDATE delivery SET made_at = 'window',
    department_id = (SELECT department_id FROM case_record WHERE case_record.id = delivery.case_id);
ALTER TABLE delivery ALTER COLUMN department_id SET NOT NULL, ALTER COLUMN made_at SET NOT NULL,
    ADD CONSTRAINT delivery_made_check CHECK (made_at IN ('window', 'department'));
CREATE INDEX delivery_department_index ON delivery (department_id, created_at) WHERE state = 'preparing';
CREATE SEQUENCE handover_number;
CREATE TABLE handover_list (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    number bigint NOT NULL CONSTRAINT handover_list_number_key UNIQUE,
    department_id uuid NOT NULL REFERENCES department (id),
    hall_id uuid NOT NULL REFERENCES hall (id),
    state text NOT NULL CONSTRAINT handover_list_state_check CHECK (state IN ('open', 'given', 'counted')),
    opened_by uuid NOT NULL REFERENCES staff (id),
    given_by uuid REFERENCES staff (id),
    given_at timestamptz,
    counted_by uuid REFERENCES staff (id),
    counted_at timestamptz,
    CONSTRAINT handover_list_given_check CHECK (
        (state = 'open') = (given_by IS NULL) AND (given_by IS NULL) = (given_at IS NULL)),
    CONSTRAINT handover_list_counted_check CHECK (
        (state = 'counted') = (counted_by IS NOT NULL) AND (counted_by IS NULL) = (counted_at IS NULL)),
    CONSTRAINT handover_list_sides_check CHECK (given_by <> counted_by)
);
CREATE INDEX handover_list_department_index ON handover_list (department_id, created_at);
CREATE INDEX handover_list_hall_index ON handover_list (hall_id, created_at);
CREATE TABLE handover_line (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    list_id uuid NOT NULL REFERENCES handover_list (id),
    delivery_id uuid NOT NULL REFERENCES delivery (id),
    state text NOT NULL CONSTRAINT handover_line_state_check CHECK (state IN ('listed', 'received', 'missing')),
    shelf text,
    CONSTRAINT handover_line_shelf_check CHECK (
        (state <> 'received' OR shelf IS NOT NULL) AND (state <> 'missing' OR shelf IS NULL))
);
CREATE UNIQUE INDEX handover_line_open_key ON handover_line (delivery_id) WHERE state = 'listed';
CREATE INDEX handover_line_list_index ON handover_line (list_id, created_at);
CREATE INDEX handover_line_delivery_index ON handover_line (delivery_id);
"""

BACKWARD = """
DROP TABLE handover_line, handover_list;
DROP SEQUENCE handover_number;
ALTER TABLE delivery DROP COLUMN department_id, DROP COLUMN made_at;
"""


class Migration(migrations.Migration):
    """Lists by which results are handed over."""

    dependencies = [("server", "0058_unsent")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
