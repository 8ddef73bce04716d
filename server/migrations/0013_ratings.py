"""Ratings: one for a visit, one for a case, and the work a bad one starts."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE rating (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    thread_id uuid NOT NULL REFERENCES thread (id),
    subject_kind text NOT NULL CONSTRAINT rating_subject_check CHECK (subject_kind IN ('visit', 'case')),
    subject_id uuid NOT NULL,
    department_id uuid NOT NULL REFERENCES department (id),
    token text NOT NULL CONSTRAINT rating_token_key UNIQUE,
    state text NOT NULL CONSTRAINT rating_state_check CHECK (state IN ('open', 'given', 'published', 'excluded')),
    level text CONSTRAINT rating_level_check CHECK (level IN (
        'very_satisfied', 'satisfied', 'fairly_satisfied', 'dissatisfied', 'very_dissatisfied')),
    tags jsonb NOT NULL DEFAULT '[]',
    words_sealed bytea,
    account_id uuid REFERENCES account (id),
    given_at timestamptz,
    CONSTRAINT rating_subject_key UNIQUE (subject_kind, subject_id),
    CONSTRAINT rating_given_check CHECK ((state = 'open') = (level IS NULL) AND (level IS NULL) = (given_at IS NULL))
);
CREATE INDEX rating_thread_index ON rating (thread_id, created_at);
CREATE TABLE rectification (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    rating_id uuid NOT NULL CONSTRAINT rectification_rating_key UNIQUE REFERENCES rating (id),
    thread_id uuid NOT NULL REFERENCES thread (id),
    department_id uuid NOT NULL REFERENCES department (id),
    state text NOT NULL CONSTRAINT rectification_state_check CHECK (state IN (
        'assigned', 'verified', 'rectified', 'answered', 'closed', 'reopened', 'escalated')),
    started_on date NOT NULL,
    due_on date NOT NULL,
    CONSTRAINT rectification_due_check CHECK (due_on >= started_on)
);
CREATE INDEX rectification_desk_index ON rectification (department_id, state, due_on);
"""

BACKWARD = "DROP TABLE rectification, rating"


class Migration(migrations.Migration):
    """Tables of the ratings feature."""

    dependencies = [("server", "0012_delivery")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
