"""Papers of earlier matters that an officer has found unfit: they are offered no more."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE unfit_paper (
    file_id uuid PRIMARY KEY REFERENCES file (id) ON DELETE CASCADE,
    case_id uuid NOT NULL REFERENCES case_record (id),
    staff_id uuid NOT NULL REFERENCES staff (id),
    created_at timestamptz NOT NULL
);
"""

BACKWARD = "DROP TABLE unfit_paper;"


class Migration(migrations.Migration):
    """Unfit papers."""

    dependencies = [("server", "0090_quarterly_bulletin")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
