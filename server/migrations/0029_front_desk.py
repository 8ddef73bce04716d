"""The front desk: each material checked, everything told at once as a record, a refusal proposed before it is made."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE case_record ADD proposal_sealed bytea;
CREATE TABLE material_check (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    case_id uuid NOT NULL REFERENCES case_record (id),
    rule_key text NOT NULL,
    verdict text NOT NULL CONSTRAINT material_check_verdict_check CHECK (verdict IN ('received', 'missing', 'wrong')),
    reason_sealed bytea,
    staff_id uuid NOT NULL REFERENCES staff (id),
    CONSTRAINT material_check_key UNIQUE (case_id, rule_key),
    CONSTRAINT material_check_reason_check CHECK ((verdict = 'wrong') = (reason_sealed IS NOT NULL))
);
CREATE TABLE telling (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    case_id uuid NOT NULL REFERENCES case_record (id),
    round smallint NOT NULL CONSTRAINT telling_round_check CHECK (round >= 1),
    guide_id uuid NOT NULL REFERENCES guide (id),
    lines_sealed bytea NOT NULL,
    seen_sealed bytea NOT NULL,
    due_on date NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    why_sealed bytea,
    CONSTRAINT telling_round_key UNIQUE (case_id, round),
    CONSTRAINT telling_why_check CHECK (round = 1 OR why_sealed IS NOT NULL)
);
CREATE INDEX telling_due_index ON telling (due_on);
CREATE INDEX clock_receive_index ON clock (law_on) WHERE kind = 'receive' AND state = 'running';
"""

BACKWARD = """
DROP INDEX clock_receive_index;
DROP TABLE telling, material_check;
ALTER TABLE case_record DROP proposal_sealed;
"""


class Migration(migrations.Migration):
    """What the front desk keeps of its own work."""

    dependencies = [("server", "0028_line_rules")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
