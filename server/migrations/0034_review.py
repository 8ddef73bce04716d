"""Review: who moved a case last and who has taken it up, when it is due, lawful stops of its clock, one extension."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# A department looks at what it has to decide by day, by the law's day and by how long it waits: one ordered read each,
# however many lie there.
FORWARD = """
ALTER TABLE clock ADD paused_on date,
    ADD CONSTRAINT clock_pause_check CHECK ((state = 'paused') = (paused_on IS NOT NULL));
ALTER TABLE case_record
    ADD moved_by uuid REFERENCES staff (id), ADD moved_at timestamptz,
    ADD promise_on date, ADD law_on date, ADD paused_on date,
    ADD claimed_by uuid REFERENCES staff (id), ADD claimed_at timestamptz,
    ADD CONSTRAINT case_claim_check CHECK ((claimed_by IS NULL) = (claimed_at IS NULL)),
    ADD CONSTRAINT case_due_check CHECK ((promise_on IS NULL) = (law_on IS NULL));
UPDATE case_record c SET promise_on = k.promise_on, law_on = k.law_on
    FROM clock k WHERE k.thread_id = c.thread_id AND k.state = 'running'
    AND ((k.kind = 'receive' AND c.state = 'submitted')
        OR (k.kind = 'decide' AND c.state IN ('accepted', 'accepted_with_deficiency', 'in_review')));
CREATE INDEX case_department_due_index ON case_record (department_id, promise_on, id)
    WHERE state IN ('accepted', 'accepted_with_deficiency', 'in_review');
CREATE INDEX case_department_law_index ON case_record (department_id, law_on, id)
    WHERE state IN ('accepted', 'accepted_with_deficiency', 'in_review');
CREATE INDEX case_department_since_index ON case_record (department_id, submitted_at, id)
    WHERE state IN ('accepted', 'accepted_with_deficiency', 'in_review');
CREATE INDEX case_department_done_index ON case_record (department_id, updated_at, id)
    WHERE state IN ('granted', 'denied', 'declined', 'withdrawn', 'terminated', 'closed');
CREATE INDEX case_department_paused_index ON case_record (department_id, promise_on, id) WHERE paused_on IS NOT NULL;
CREATE INDEX case_claim_index ON case_record (claimed_by, promise_on, id) WHERE claimed_by IS NOT NULL;
CREATE TABLE pause (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    case_id uuid NOT NULL REFERENCES case_record (id),
    kind text NOT NULL CONSTRAINT pause_kind_check CHECK (kind IN ('hearing', 'bidding', 'auction', 'inspection',
        'testing', 'quarantine', 'appraisal', 'expert_review')),
    basis_sealed bytea NOT NULL,
    days smallint NOT NULL,
    law_days smallint,
    after_on date NOT NULL,
    planned_on date NOT NULL,
    until_on date,
    result_sealed bytea,
    staff_id uuid NOT NULL REFERENCES staff (id),
    ended_by uuid REFERENCES staff (id),
    CONSTRAINT pause_days_check CHECK (days >= 1 AND (law_days IS NULL OR days <= law_days)),
    CONSTRAINT pause_ended_check CHECK (until_on BETWEEN after_on AND planned_on)
);
CREATE UNIQUE INDEX pause_open_key ON pause (case_id) WHERE until_on IS NULL;
CREATE INDEX pause_case_index ON pause (case_id);
CREATE INDEX pause_planned_index ON pause (planned_on) WHERE until_on IS NULL;
CREATE TABLE extension (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    case_id uuid NOT NULL REFERENCES case_record (id),
    days smallint NOT NULL CONSTRAINT extension_days_check CHECK (days BETWEEN 1 AND 15),
    reason_sealed bytea NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    approved_by uuid REFERENCES staff (id),
    approved_at timestamptz,
    CONSTRAINT extension_case_key UNIQUE (case_id),
    CONSTRAINT extension_hands_check CHECK (
        approved_by <> staff_id AND (approved_by IS NULL) = (approved_at IS NULL))
);
"""

BACKWARD = """
UPDATE clock SET state = 'running', paused_on = NULL WHERE state = 'paused';
DROP TABLE extension, pause;
DROP INDEX case_department_due_index, case_department_law_index, case_department_since_index,
    case_department_paused_index, case_department_done_index, case_claim_index;
ALTER TABLE case_record DROP moved_by, DROP moved_at, DROP promise_on, DROP law_on, DROP paused_on, DROP claimed_by,
    DROP claimed_at;
ALTER TABLE clock DROP paused_on;
"""


class Migration(migrations.Migration):
    """What review keeps."""

    dependencies = [("server", "0033_standards")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
