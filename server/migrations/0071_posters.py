"""Posters to rate by: orders of many, drawn as one PDF in the background."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE poster_order (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    hall_id uuid REFERENCES hall (id),
    sheet text NOT NULL CONSTRAINT poster_order_sheet_check CHECK (sheet IN ('hall', 'window', 'counter')),
    base text NOT NULL,
    places uuid[] NOT NULL CONSTRAINT poster_order_places_check CHECK (cardinality(places) BETWEEN 1 AND 2000),
    state text NOT NULL CONSTRAINT poster_order_state_check CHECK (state IN ('waiting', 'drawing', 'done', 'failed')),
    drawn integer NOT NULL DEFAULT 0,
    attempt smallint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    finished_at timestamptz,
    pdf bytea,
    CONSTRAINT poster_order_drawn_check CHECK (drawn BETWEEN 0 AND cardinality(places)),
    CONSTRAINT poster_order_lease_check CHECK ((state = 'drawing') = (lease_until IS NOT NULL)),
    CONSTRAINT poster_order_done_check CHECK ((state = 'done') = (pdf IS NOT NULL))
);
CREATE INDEX poster_order_open_index ON poster_order (created_at) WHERE state IN ('waiting', 'drawing');
CREATE INDEX poster_order_staff_index ON poster_order (staff_id, created_at DESC);
"""

BACKWARD = """
DELETE FROM code WHERE kind = 'place';
DROP TABLE poster_order;
"""


class Migration(migrations.Migration):
    """Posters."""

    dependencies = [("server", "0070_delivered")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
