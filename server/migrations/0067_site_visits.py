"""Joint visits of sites, and technical reviews from before a case is accepted."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE review_task ADD COLUMN early boolean NOT NULL DEFAULT false;
CREATE TABLE site_visit (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    case_id uuid NOT NULL REFERENCES case_record (id),
    place_sealed bytea NOT NULL,
    days date[] NOT NULL,
    day date,
    state text NOT NULL CONSTRAINT site_visit_state_check
        CHECK (state IN ('proposed', 'fixed', 'passed', 'to_mend', 'over', 'dropped')),
    mend_by date,
    staff_id uuid NOT NULL REFERENCES staff (id),
    ended_by uuid REFERENCES staff (id),
    ended_at timestamptz,
    CONSTRAINT site_visit_days_check CHECK (
        cardinality(days) > 0 AND (day IS NULL OR day = ANY (days))
        AND (state NOT IN ('fixed', 'passed', 'to_mend', 'over') OR day IS NOT NULL)
        AND (state <> 'to_mend' OR mend_by IS NOT NULL))
);
CREATE UNIQUE INDEX site_visit_live_key ON site_visit (case_id) WHERE state IN ('proposed', 'fixed', 'to_mend');
CREATE INDEX site_visit_case_idx ON site_visit (case_id);
CREATE TABLE visit_part (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    visit_id uuid NOT NULL REFERENCES site_visit (id),
    department_id uuid NOT NULL REFERENCES department (id),
    suits date[],
    agreed_by uuid REFERENCES staff (id),
    passed boolean,
    words_sealed bytea,
    noted_by uuid REFERENCES staff (id),
    noted_at timestamptz,
    CONSTRAINT visit_part_key UNIQUE (visit_id, department_id),
    CONSTRAINT visit_part_agreed_check CHECK ((suits IS NULL) = (agreed_by IS NULL)),
    CONSTRAINT visit_part_noted_check CHECK (
        (passed IS NULL) = (noted_by IS NULL) AND (passed IS NULL) = (noted_at IS NULL)
        AND (passed IS NULL) = (words_sealed IS NULL))
);
"""

BACKWARD = """
DROP TABLE visit_part;
DROP TABLE site_visit;
ALTER TABLE review_task DROP COLUMN early;
"""


class Migration(migrations.Migration):
    """Site visits."""

    dependencies = [("server", "0066_board")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
