"""How many working days an applicant gets to mend an application: rules by area, from a day on."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE correction_policy (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    region_code text NOT NULL,
    first_on date NOT NULL,
    last_on date,
    least_days smallint NOT NULL,
    usual_days smallint NOT NULL,
    most_days smallint NOT NULL,
    reason text NOT NULL,
    staff_id uuid REFERENCES staff (id),
    CONSTRAINT correction_policy_key UNIQUE (region_code, first_on),
    CONSTRAINT correction_policy_days_check CHECK (
        5 <= least_days AND least_days <= usual_days AND usual_days <= most_days AND most_days <= 120),
    CONSTRAINT correction_policy_last_check CHECK (last_on >= first_on)
);
"""

BACKWARD = "DROP TABLE correction_policy"


class Migration(migrations.Migration):
    """Days to mend."""

    dependencies = [("server", "0045_held_files")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
