"""Figures by month and place, counted anew from the rows; and the indexes that counting goes along."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE figure (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL,
    key text NOT NULL,
    month date NOT NULL CONSTRAINT figure_month_check CHECK (extract(day FROM month) = 1),
    department_id uuid REFERENCES department (id),
    hall_id uuid REFERENCES hall (id),
    label text NOT NULL,
    part bigint NOT NULL,
    whole bigint NOT NULL,
    CONSTRAINT figure_key UNIQUE NULLS NOT DISTINCT (key, month, department_id, hall_id, label),
    CONSTRAINT figure_part_check CHECK (part >= 0 AND whole >= 0)
);
CREATE INDEX figure_month_index ON figure (month, key);
CREATE INDEX case_decided_index ON case_record (decided_at) WHERE decided_at IS NOT NULL;
CREATE INDEX case_accepted_index ON case_record (accepted_at) WHERE accepted_at IS NOT NULL;
CREATE INDEX rating_created_index ON rating (created_at);
CREATE INDEX rating_given_index ON rating (given_at) WHERE given_at IS NOT NULL;
"""

BACKWARD = """
DROP INDEX case_decided_index, case_accepted_index, rating_created_index, rating_given_index;
DROP TABLE figure;
"""


class Migration(migrations.Migration):
    """Figures."""

    dependencies = [("server", "0067_site_visits")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
