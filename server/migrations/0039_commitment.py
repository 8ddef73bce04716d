"""Commitments sent to the phone and signed there, and the papers that follow from it."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE commitment (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    case_id uuid NOT NULL REFERENCES case_record (id),
    version text NOT NULL,
    lines_sealed bytea NOT NULL,
    keys text[] NOT NULL CONSTRAINT commitment_keys_check CHECK (cardinality(keys) > 0),
    due_on date NOT NULL,
    sign_by date NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    state text NOT NULL CONSTRAINT commitment_state_check CHECK (state IN ('offered', 'signed', 'refused', 'closed')),
    account_id uuid REFERENCES account (id),
    answered_at timestamptz,
    CONSTRAINT commitment_days_check CHECK (sign_by <= due_on),
    CONSTRAINT commitment_answered_check CHECK (
        (state IN ('signed', 'refused')) = (account_id IS NOT NULL AND answered_at IS NOT NULL))
);
CREATE UNIQUE INDEX commitment_live_key ON commitment (case_id) WHERE state IN ('offered', 'signed');
CREATE INDEX commitment_case_index ON commitment (case_id);
CREATE INDEX commitment_sign_by_index ON commitment (sign_by) WHERE state = 'offered';
"""

BACKWARD = "DROP TABLE commitment"


class Migration(migrations.Migration):
    """What is signed on a phone."""

    dependencies = [("server", "0038_tolerance")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
