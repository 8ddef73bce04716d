"""What supervisors ask of departments, and the flows they walk themselves."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE walk (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    item_id uuid NOT NULL REFERENCES item (id),
    ended_at timestamptz
);
CREATE INDEX walk_staff_index ON walk (staff_id, created_at DESC);
CREATE TABLE walk_step (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    walk_id uuid NOT NULL REFERENCES walk (id),
    place smallint NOT NULL CONSTRAINT walk_step_place_check CHECK (place >= 0),
    seconds integer NOT NULL CONSTRAINT walk_step_seconds_check CHECK (seconds >= 0),
    note_sealed bytea,
    CONSTRAINT walk_step_key UNIQUE (walk_id, place)
);
CREATE TABLE assignment (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    department_id uuid NOT NULL REFERENCES department (id),
    walk_id uuid REFERENCES walk (id),
    words_sealed bytea NOT NULL,
    due_on date NOT NULL,
    state text NOT NULL CONSTRAINT assignment_state_check CHECK (state IN ('open', 'answered', 'closed')),
    answer_sealed bytea,
    answered_by uuid REFERENCES staff (id),
    answered_at timestamptz,
    closed_at timestamptz,
    CONSTRAINT assignment_answer_check CHECK (state = 'open' OR (
        answer_sealed IS NOT NULL AND answered_by IS NOT NULL AND answered_at IS NOT NULL)),
    CONSTRAINT assignment_closed_check CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CONSTRAINT assignment_two_check CHECK (answered_by <> staff_id)
);
CREATE INDEX assignment_department_index ON assignment (department_id, due_on) WHERE state = 'open';
CREATE INDEX assignment_recent_index ON assignment (department_id, created_at DESC);
"""

BACKWARD = "DROP TABLE assignment, walk_step, walk"


class Migration(migrations.Migration):
    """Assignments and walks."""

    dependencies = [("server", "0075_evaluator")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
