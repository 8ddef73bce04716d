"""Bulletins: what was told of a period, kept as it was told, drawn in the background."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE bulletin (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    period text NOT NULL,
    scope text NOT NULL,
    content jsonb NOT NULL,
    sections smallint NOT NULL,
    state text NOT NULL CONSTRAINT bulletin_state_check CHECK (state IN ('waiting', 'drawing', 'done', 'failed')),
    drawn smallint NOT NULL DEFAULT 0,
    attempt smallint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    finished_at timestamptz,
    pdf bytea,
    xlsx bytea,
    CONSTRAINT bulletin_drawn_check CHECK (drawn BETWEEN 0 AND sections),
    CONSTRAINT bulletin_lease_check CHECK ((state = 'drawing') = (lease_until IS NOT NULL)),
    CONSTRAINT bulletin_done_check CHECK ((state = 'done') = (pdf IS NOT NULL) AND (pdf IS NULL) = (xlsx IS NULL))
);
CREATE INDEX bulletin_open_index ON bulletin (created_at) WHERE state IN ('waiting', 'drawing');
CREATE INDEX bulletin_staff_index ON bulletin (staff_id, created_at DESC);
"""

BACKWARD = "DROP TABLE bulletin"


class Migration(migrations.Migration):
    """Bulletins."""

    dependencies = [("server", "0073_rating_guard")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
