"""Questions, complaints, what could not be got done, nuisances and errata."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE SEQUENCE complaint_serial;
CREATE TABLE complaint (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    number text NOT NULL CONSTRAINT complaint_number_key UNIQUE,
    kind text NOT NULL CONSTRAINT complaint_kind_check CHECK (
        kind IN ('question', 'grievance', 'stuck', 'nuisance', 'erratum')),
    reason text,
    state text NOT NULL CONSTRAINT complaint_state_check CHECK (
        state IN ('received', 'routed', 'in_progress', 'answered', 'closed', 'withdrawn')),
    account_id uuid REFERENCES account (id),
    nameless boolean NOT NULL,
    token text NOT NULL,
    item_id uuid REFERENCES item (id),
    thread_id uuid REFERENCES thread (id),
    hall_id uuid REFERENCES hall (id),
    department_id uuid REFERENCES department (id),
    page text NOT NULL,
    words_sealed bytea NOT NULL,
    owner_id uuid REFERENCES staff (id),
    due_on date NOT NULL,
    extended_at timestamptz,
    escalated_at timestamptz,
    reopened_at timestamptz,
    answer_sealed bytea,
    answered_at timestamptz,
    answered_by uuid REFERENCES staff (id),
    judge_until date,
    satisfied boolean,
    ended_at timestamptz,
    published_at timestamptz,
    published_by uuid REFERENCES staff (id),
    public_question text,
    public_answer text,
    accountable_at timestamptz,
    CONSTRAINT complaint_reason_check CHECK (
        (kind = 'stuck') = (reason IS NOT NULL) AND reason IN ('impossible', 'hard', 'refused')),
    CONSTRAINT complaint_routed_check CHECK (
        state IN ('received', 'withdrawn') OR hall_id IS NOT NULL OR department_id IS NOT NULL),
    CONSTRAINT complaint_owner_check CHECK (state NOT IN ('in_progress', 'answered') OR owner_id IS NOT NULL),
    CONSTRAINT complaint_answer_check CHECK (
        state NOT IN ('answered', 'closed')
        OR answer_sealed IS NOT NULL AND answered_at IS NOT NULL AND answered_by IS NOT NULL),
    CONSTRAINT complaint_ended_check CHECK ((ended_at IS NOT NULL) = (state IN ('closed', 'withdrawn'))),
    CONSTRAINT complaint_published_check CHECK (published_at IS NULL OR (
        public_question IS NOT NULL AND public_answer IS NOT NULL AND published_by <> answered_by))
);
CREATE INDEX complaint_open_index ON complaint (due_on) WHERE ended_at IS NULL;
CREATE INDEX complaint_account_index ON complaint (account_id, created_at DESC) WHERE account_id IS NOT NULL;
CREATE INDEX complaint_department_index ON complaint (department_id, created_at DESC);
CREATE INDEX complaint_hall_index ON complaint (hall_id, created_at DESC);
CREATE INDEX complaint_public_index ON complaint (item_id, published_at DESC) WHERE published_at IS NOT NULL;
CREATE TABLE complaint_deed (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    complaint_id uuid NOT NULL REFERENCES complaint (id),
    deed text NOT NULL,
    staff_id uuid REFERENCES staff (id),
    words_sealed bytea
);
CREATE INDEX complaint_deed_index ON complaint_deed (complaint_id, created_at);
"""

BACKWARD = """
DELETE FROM code WHERE kind = 'complaint';
DROP TABLE complaint_deed, complaint;
DROP SEQUENCE complaint_serial;
"""


class Migration(migrations.Migration):
    """Complaints."""

    dependencies = [("server", "0054_showing")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
