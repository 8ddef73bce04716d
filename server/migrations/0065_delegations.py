"""Chief representatives and what they are given; every use of an approval seal."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE delegation (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    department_id uuid NOT NULL REFERENCES department (id),
    hall_id uuid NOT NULL REFERENCES hall (id),
    representative_id uuid NOT NULL REFERENCES staff (id),
    deeds text[] NOT NULL,
    item_ids uuid[] CONSTRAINT delegation_items_check CHECK (cardinality(item_ids) > 0),
    number text NOT NULL,
    signed_by text NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL,
    state text NOT NULL CONSTRAINT delegation_state_check CHECK (state IN ('asked', 'active', 'refused', 'ended')),
    staff_id uuid NOT NULL REFERENCES staff (id),
    answered_by uuid REFERENCES staff (id),
    answered_at timestamptz,
    ended_by uuid REFERENCES staff (id),
    ended_at timestamptz,
    reason text,
    CONSTRAINT delegation_deeds_check CHECK (
        cardinality(deeds) > 0 AND deeds <@ ARRAY['accept', 'decide', 'report', 'coordinate', 'seal']),
    CONSTRAINT delegation_days_check CHECK (first_on <= last_on),
    CONSTRAINT delegation_hands_check CHECK (
        (state = 'asked') = (answered_by IS NULL) AND (answered_by IS NULL) = (answered_at IS NULL)
        AND (state NOT IN ('active', 'ended') OR answered_by <> staff_id)),
    CONSTRAINT delegation_own_check CHECK (
        representative_id <> staff_id AND (state NOT IN ('active', 'ended') OR representative_id <> answered_by)),
    CONSTRAINT delegation_ended_check CHECK (
        (state = 'ended') = (ended_by IS NOT NULL) AND (ended_by IS NULL) = (ended_at IS NULL))
);
CREATE UNIQUE INDEX delegation_live_key ON delegation (department_id, number) WHERE state IN ('asked', 'active');
CREATE INDEX delegation_representative_idx ON delegation (representative_id, last_on) WHERE state = 'active';
ALTER TABLE case_record ADD COLUMN decided_under uuid REFERENCES delegation (id);

CREATE TABLE seal_use (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    department_id uuid NOT NULL REFERENCES department (id),
    thread_id uuid NOT NULL,
    paper_id uuid NOT NULL CONSTRAINT seal_use_paper_key UNIQUE,
    kind text NOT NULL,
    number text NOT NULL,
    power text NOT NULL,
    under text,
    staff_id uuid REFERENCES staff (id),
    for_id uuid REFERENCES staff (id),
    CONSTRAINT seal_use_power_check CHECK (
        power IN ('own', 'hall', 'delegation', 'rules', 'itself')
        AND (power IN ('rules', 'itself')) = (staff_id IS NULL) AND (power <> 'delegation' OR under IS NOT NULL))
);
CREATE INDEX seal_use_newest_idx ON seal_use (created_at DESC, id DESC);
CREATE INDEX seal_use_department_idx ON seal_use (department_id, created_at DESC, id DESC);
CREATE INDEX seal_use_thread_idx ON seal_use (thread_id);
CREATE FUNCTION seal_use_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'uses of a seal are never changed or removed' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER seal_use_keep_rows BEFORE UPDATE OR DELETE ON seal_use FOR EACH ROW EXECUTE FUNCTION seal_use_keep();
CREATE TRIGGER seal_use_keep_table BEFORE TRUNCATE ON seal_use FOR EACH STATEMENT EXECUTE FUNCTION seal_use_keep();
"""

BACKWARD = """
DROP TABLE seal_use;
DROP FUNCTION seal_use_keep;
ALTER TABLE case_record DROP COLUMN decided_under;
DROP TABLE delegation;
"""


class Migration(migrations.Migration):
    """Delegations and seals."""

    dependencies = [("server", "0064_courier")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
