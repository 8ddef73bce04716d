"""Officers on leave and who acts for them; whom a decision was made for."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE substitution (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    substitute_id uuid NOT NULL REFERENCES staff (id),
    first_on date NOT NULL,
    last_on date NOT NULL,
    reason text NOT NULL,
    ended_at timestamptz,
    ended_by uuid REFERENCES staff (id),
    CONSTRAINT substitution_days_check CHECK (last_on >= first_on),
    CONSTRAINT substitution_other_check CHECK (substitute_id <> staff_id),
    CONSTRAINT substitution_ended_check CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX substitution_by_idx ON substitution (substitute_id, last_on) WHERE ended_at IS NULL;
CREATE INDEX substitution_for_idx ON substitution (staff_id, last_on);
ALTER TABLE case_record
    ADD COLUMN decided_for uuid REFERENCES staff (id),
    ADD CONSTRAINT case_decided_for_check CHECK (decided_for IS NULL OR decided_for <> decided_by);
ALTER TABLE extension
    ADD COLUMN for_id uuid REFERENCES staff (id);
"""

BACKWARD = """
ALTER TABLE extension DROP COLUMN for_id;
ALTER TABLE case_record DROP CONSTRAINT case_decided_for_check, DROP COLUMN decided_for;
DROP TABLE substitution;
"""


class Migration(migrations.Migration):
    """Substitutes."""

    dependencies = [("server", "0062_certificate_consents")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
