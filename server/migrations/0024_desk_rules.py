"""What a hall manager decides at the desk: plans of the week, rules with a day they begin on; machines of the hall."""

from tortoise import migrations
from tortoise.migrations import operations as ops

MACHINES = """
ALTER TABLE queue_policy
    ADD person_live smallint NOT NULL DEFAULT 2
        CONSTRAINT queue_policy_person_live_check CHECK (person_live BETWEEN 1 AND 20),
    ADD person_day smallint NOT NULL DEFAULT 5
        CONSTRAINT queue_policy_person_day_check CHECK (person_day BETWEEN 1 AND 50),
    ADD unnamed_live smallint NOT NULL DEFAULT 150
        CONSTRAINT queue_policy_unnamed_check CHECK (unnamed_live BETWEEN 1 AND 5000),
    ADD kiosk_minute smallint NOT NULL DEFAULT 12
        CONSTRAINT queue_policy_kiosk_check CHECK (kiosk_minute BETWEEN 1 AND 120),
    ADD at_door boolean NOT NULL DEFAULT false;
ALTER TABLE ticket ADD device_id uuid;
CREATE INDEX ticket_device_index ON ticket (device_id, created_at) WHERE device_id IS NOT NULL;
-- A kiosk or a screen of a hall. `pair_hash` is of the code that is typed in once, `session_hash` of the cookie it has
-- been given for it; who reads the table can open nothing.
CREATE TABLE hall_device (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    hall_id uuid NOT NULL REFERENCES hall (id),
    kind text NOT NULL CONSTRAINT hall_device_kind_check CHECK (kind IN ('kiosk', 'screen')),
    name text NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    pair_hash bytea CONSTRAINT hall_device_pair_key UNIQUE,
    pair_until timestamptz,
    session_hash bytea CONSTRAINT hall_device_session_key UNIQUE,
    opened_at timestamptz,
    seen_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT hall_device_pair_check CHECK ((pair_hash IS NULL) = (pair_until IS NULL)),
    CONSTRAINT hall_device_end_check CHECK (revoked_at IS NULL OR (session_hash IS NULL AND pair_hash IS NULL))
);
CREATE INDEX hall_device_hall_index ON hall_device (hall_id, created_at);
-- The key that stood in a kiosk's address, and so in its history.
DELETE FROM code WHERE kind = 'kiosk';
"""

RULES = """
-- A week of one kind of business from a day on; what stood before it comes back when it is undone.
CREATE TABLE week_plan (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    hall_id uuid NOT NULL REFERENCES hall (id),
    skill text NOT NULL,
    first_on date NOT NULL,
    reason text NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    undone_at timestamptz
);
CREATE INDEX week_plan_index ON week_plan (hall_id, skill, first_on);
ALTER TABLE slot_rule
    ADD plan_id uuid REFERENCES week_plan (id),
    DROP CONSTRAINT slot_rule_start_key,
    ADD CONSTRAINT slot_rule_start_key UNIQUE NULLS NOT DISTINCT (hall_id, skill, weekday, opens, plan_id);
-- A change of the rules of booking: made now, in force from a day on.
CREATE TABLE policy_edit (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    hall_id uuid NOT NULL REFERENCES hall (id),
    staff_id uuid NOT NULL REFERENCES staff (id),
    first_on date NOT NULL,
    reason text NOT NULL,
    old jsonb NOT NULL,
    new jsonb NOT NULL,
    applied_at timestamptz,
    undone_at timestamptz
);
CREATE INDEX policy_edit_hall_index ON policy_edit (hall_id, created_at);
CREATE INDEX policy_edit_due_index ON policy_edit (first_on) WHERE applied_at IS NULL AND undone_at IS NULL;
"""

BACKWARD = """
DROP TABLE policy_edit;
DELETE FROM slot_rule WHERE plan_id IS NOT NULL;
ALTER TABLE slot_rule DROP CONSTRAINT slot_rule_start_key, DROP COLUMN plan_id,
    ADD CONSTRAINT slot_rule_start_key UNIQUE (hall_id, skill, weekday, opens);
DROP TABLE week_plan;
DROP TABLE hall_device;
ALTER TABLE ticket DROP COLUMN device_id;
ALTER TABLE queue_policy DROP COLUMN person_live, DROP COLUMN person_day, DROP COLUMN unnamed_live,
    DROP COLUMN kiosk_minute, DROP COLUMN at_door;
"""


class Migration(migrations.Migration):
    """Desk rules and hall machines."""

    dependencies = [("server", "0023_lighter_booking")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(MACHINES + RULES, BACKWARD)]  # noqa: RUF012 - as above
