"""Calls for help with an application that is being written."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE help_call (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    case_id uuid NOT NULL REFERENCES case_record (id),
    account_id uuid NOT NULL REFERENCES account (id),
    code text NOT NULL,
    step text NOT NULL CONSTRAINT help_call_step_check CHECK (step IN ('form', 'papers', 'confirm')),
    faults jsonb NOT NULL,
    seen_at timestamptz NOT NULL,
    staff_id uuid REFERENCES staff (id),
    joined_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT help_call_joined_check CHECK ((staff_id IS NULL) = (joined_at IS NULL))
);
CREATE UNIQUE INDEX help_call_code_key ON help_call (code) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX help_call_case_key ON help_call (case_id) WHERE ended_at IS NULL;
CREATE INDEX help_call_account_index ON help_call (account_id);
"""

BACKWARD = "DROP TABLE help_call"


class Migration(migrations.Migration):
    """What a call for help keeps: never what was written."""

    dependencies = [("server", "0034_review")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
