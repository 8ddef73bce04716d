"""What province and city say of an item, and why the county differs."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE guide_standard (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    code text NOT NULL,
    level text NOT NULL CONSTRAINT guide_standard_level_check CHECK (level IN ('province', 'city')),
    from_on date NOT NULL,
    content jsonb NOT NULL,
    ended_at timestamptz
);
CREATE UNIQUE INDEX guide_standard_live_key ON guide_standard (code, level, from_on) WHERE ended_at IS NULL;
CREATE TABLE guide_difference (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    item_id uuid NOT NULL REFERENCES item (id),
    standard_id uuid NOT NULL REFERENCES guide_standard (id),
    element text NOT NULL,
    digest bytea NOT NULL CONSTRAINT guide_difference_digest_check CHECK (length(digest) = 32),
    reason text NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    CONSTRAINT guide_difference_key UNIQUE (item_id, standard_id, element)
);
"""

BACKWARD = """
DROP TABLE guide_difference, guide_standard;
"""


class Migration(migrations.Migration):
    """Standards from above."""

    dependencies = [("server", "0032_known")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
