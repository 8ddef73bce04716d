"""A pledge in place of a proof: what was signed, the check after the grant, and who may not pledge again."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE material DROP CONSTRAINT material_source_check, DROP CONSTRAINT material_holds_check,
    ADD CONSTRAINT material_source_check
        CHECK (source IN ('upload', 'shared', 'certificate', 'earlier_case', 'window', 'pledge')),
    ADD CONSTRAINT material_holds_check CHECK (
        (source IN ('upload', 'earlier_case') AND file_id IS NOT NULL)
        OR (source = 'certificate' AND certificate_id IS NOT NULL)
        OR source IN ('shared', 'window', 'pledge'));
CREATE TABLE pledge (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    case_id uuid NOT NULL REFERENCES case_record (id),
    rule_key text NOT NULL,
    guide_id uuid NOT NULL REFERENCES guide (id),
    department_id uuid NOT NULL REFERENCES department (id),
    words_sealed bytea NOT NULL,
    account_id uuid REFERENCES account (id),
    staff_id uuid REFERENCES staff (id),
    state text NOT NULL CONSTRAINT pledge_state_check
        CHECK (state IN ('signed', 'void', 'to_check', 'true', 'untrue')),
    due_on date,
    found_sealed bytea,
    checked_by uuid REFERENCES staff (id),
    checked_at timestamptz,
    CONSTRAINT pledge_hand_check CHECK ((account_id IS NULL) <> (staff_id IS NULL)),
    CONSTRAINT pledge_due_check CHECK ((due_on IS NOT NULL) = (state IN ('to_check', 'true', 'untrue'))),
    CONSTRAINT pledge_checked_check CHECK (
        (checked_by IS NOT NULL) = (state IN ('true', 'untrue'))
        AND (checked_by IS NULL) = (checked_at IS NULL) AND (checked_by IS NULL) = (found_sealed IS NULL))
);
CREATE UNIQUE INDEX pledge_live_key ON pledge (case_id, rule_key) WHERE state <> 'void';
CREATE INDEX pledge_check_index ON pledge (department_id, due_on, id) WHERE state = 'to_check';
CREATE INDEX pledge_checked_index ON pledge (department_id, checked_at, id) WHERE state IN ('true', 'untrue');
CREATE TABLE pledge_bar (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    pledge_id uuid NOT NULL CONSTRAINT pledge_bar_key UNIQUE REFERENCES pledge (id),
    person_id uuid REFERENCES person (id),
    enterprise_id uuid REFERENCES enterprise (id),
    until_on date NOT NULL,
    CONSTRAINT pledge_bar_party_check CHECK ((person_id IS NULL) <> (enterprise_id IS NULL))
);
CREATE INDEX pledge_bar_person_index ON pledge_bar (person_id, until_on) WHERE person_id IS NOT NULL;
CREATE INDEX pledge_bar_enterprise_index ON pledge_bar (enterprise_id, until_on)
    WHERE enterprise_id IS NOT NULL;
CREATE TABLE pledge_policy (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    region_code text NOT NULL,
    first_on date NOT NULL,
    last_on date,
    check_days smallint NOT NULL,
    barred_days smallint NOT NULL,
    reason text NOT NULL,
    staff_id uuid REFERENCES staff (id),
    CONSTRAINT pledge_policy_key UNIQUE (region_code, first_on),
    CONSTRAINT pledge_policy_days_check CHECK (check_days BETWEEN 1 AND 250 AND barred_days BETWEEN 1 AND 1100),
    CONSTRAINT pledge_policy_last_check CHECK (last_on >= first_on)
);
"""

BACKWARD = """
DROP TABLE pledge_policy, pledge_bar, pledge;
DELETE FROM material WHERE source = 'pledge';
ALTER TABLE material DROP CONSTRAINT material_source_check, DROP CONSTRAINT material_holds_check,
    ADD CONSTRAINT material_source_check
        CHECK (source IN ('upload', 'shared', 'certificate', 'earlier_case', 'window')),
    ADD CONSTRAINT material_holds_check CHECK (
        (source IN ('upload', 'earlier_case') AND file_id IS NOT NULL)
        OR (source = 'certificate' AND certificate_id IS NOT NULL)
        OR source IN ('shared', 'window'));
"""


class Migration(migrations.Migration):
    """Pledges, their checks and what follows from them."""

    dependencies = [("server", "0039_commitment")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
