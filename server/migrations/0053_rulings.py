"""What the rules of a guide came to for an application, and the switch that stops them."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE ruling (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    case_id uuid NOT NULL REFERENCES case_record (id),
    guide_id uuid NOT NULL REFERENCES guide (id),
    item_id uuid NOT NULL REFERENCES item (id),
    department_id uuid NOT NULL REFERENCES department (id),
    state text NOT NULL,
    why text,
    attempts smallint NOT NULL,
    leased_until timestamptz,
    lines_sealed bytea,
    ended_at timestamptz,
    look text,
    look_on date,
    looked_by uuid REFERENCES staff (id),
    looked_at timestamptz,
    found_sealed bytea,
    CONSTRAINT ruling_state_check CHECK (state IN ('waiting', 'granted', 'person', 'void')
        AND (state = 'waiting') = (ended_at IS NULL) AND (state <> 'granted' OR lines_sealed IS NOT NULL)),
    CONSTRAINT ruling_why_check CHECK ((state = 'person') = (why IS NOT NULL)),
    CONSTRAINT ruling_look_check CHECK (look IN ('to_look', 'in_order', 'wrong')
        AND (look IS NULL) = (look_on IS NULL) AND (look IS NULL OR state = 'granted')),
    CONSTRAINT ruling_looked_check CHECK ((looked_by IS NOT NULL) = coalesce(look IN ('in_order', 'wrong'), false)
        AND (looked_by IS NULL) = (looked_at IS NULL) AND (looked_by IS NULL) = (found_sealed IS NULL))
);
CREATE UNIQUE INDEX ruling_waiting_key ON ruling (case_id) WHERE state = 'waiting';
CREATE INDEX ruling_case_idx ON ruling (case_id, created_at);
CREATE INDEX ruling_turn_idx ON ruling (created_at) WHERE state = 'waiting';
CREATE INDEX ruling_look_idx ON ruling (department_id, look_on) WHERE look = 'to_look';
CREATE INDEX ruling_list_idx ON ruling (department_id, created_at);
CREATE INDEX guide_rules_idx ON guide (id) WHERE jsonb_typeof(content -> 'by_rules') = 'object';
CREATE TABLE ruling_switch (
    item_id uuid PRIMARY KEY REFERENCES item (id),
    created_at timestamptz NOT NULL,
    running boolean NOT NULL,
    reason text NOT NULL,
    staff_id uuid REFERENCES staff (id)
);
ALTER TABLE case_record
    ADD COLUMN ruling_id uuid REFERENCES ruling (id),
    DROP CONSTRAINT case_decided_check,
    ADD CONSTRAINT case_decided_check CHECK (
        state NOT IN ('granted', 'denied') OR decided_by IS NOT NULL OR ruling_id IS NOT NULL),
    ADD CONSTRAINT case_ruled_check CHECK (ruling_id IS NULL OR (decided_by IS NULL AND state <> 'denied'));
"""

BACKWARD = """
ALTER TABLE case_record
    DROP CONSTRAINT case_ruled_check,
    DROP CONSTRAINT case_decided_check,
    ADD CONSTRAINT case_decided_check CHECK (state NOT IN ('granted', 'denied') OR decided_by IS NOT NULL),
    DROP COLUMN ruling_id;
DROP INDEX guide_rules_idx;
DROP TABLE ruling_switch;
DROP TABLE ruling;
"""


class Migration(migrations.Migration):
    """Grants by rules."""

    dependencies = [("server", "0052_addresses")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
