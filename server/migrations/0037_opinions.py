"""Departments asked for their opinion beside each other (并联审批), and how the answers are joined."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE review_task (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    case_id uuid NOT NULL REFERENCES case_record (id),
    department_id uuid NOT NULL REFERENCES department (id),
    question_sealed bytea NOT NULL,
    due_on date NOT NULL,
    needed boolean NOT NULL,
    state text NOT NULL CONSTRAINT review_task_state_check CHECK (state IN ('open', 'answered', 'recalled')),
    staff_id uuid NOT NULL REFERENCES staff (id),
    agrees boolean,
    answer_sealed bytea,
    answered_by uuid REFERENCES staff (id),
    answered_at timestamptz,
    CONSTRAINT review_task_answer_check CHECK (
        (state = 'answered') = (agrees IS NOT NULL AND answer_sealed IS NOT NULL AND answered_by IS NOT NULL
            AND answered_at IS NOT NULL))
);
CREATE UNIQUE INDEX review_task_open_key ON review_task (case_id, department_id) WHERE state = 'open';
CREATE INDEX review_task_case_index ON review_task (case_id);
CREATE INDEX review_task_department_index ON review_task (department_id, due_on) WHERE state = 'open';
"""

BACKWARD = "DROP TABLE review_task"


class Migration(migrations.Migration):
    """What departments are asked."""

    dependencies = [("server", "0036_worklist")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
