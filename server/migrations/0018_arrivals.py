"""What WeChat and the SMS provider told us: kept before it is answered, worked on afterwards."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE arrival (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    source text NOT NULL CONSTRAINT arrival_source_check CHECK (source IN ('program', 'service', 'sms')),
    name text NOT NULL,
    key_index bytea NOT NULL CONSTRAINT arrival_key UNIQUE,
    content_sealed bytea NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CONSTRAINT arrival_state_check CHECK (state IN ('waiting', 'done', 'dead')),
    failures smallint NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL,
    reason text,
    ended_at timestamptz,
    CONSTRAINT arrival_end_check CHECK ((state = 'waiting') = (ended_at IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX arrival_due_index ON arrival (run_at, id) WHERE state = 'waiting';
CREATE INDEX arrival_ended_index ON arrival (ended_at) WHERE state <> 'waiting';
"""

BACKWARD = "DROP TABLE arrival"


class Migration(migrations.Migration):
    """The table of what arrived."""

    dependencies = [("server", "0017_reaching")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
