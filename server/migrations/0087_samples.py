"""Cases drawn at random and looked through by a list (随机抽查): from how many, by which seed, what was found."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE sample_draw (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    region_code text NOT NULL,
    department_id uuid REFERENCES department (id),
    hall_id uuid REFERENCES hall (id),
    first_on date NOT NULL,
    last_on date NOT NULL,
    wanted smallint NOT NULL CONSTRAINT sample_draw_wanted_check CHECK (wanted BETWEEN 1 AND 100),
    population integer NOT NULL CONSTRAINT sample_draw_population_check CHECK (population >= 1),
    seed text NOT NULL,
    CONSTRAINT sample_draw_period_check CHECK (first_on <= last_on)
);
CREATE UNIQUE INDEX sample_draw_key ON sample_draw (
    staff_id, region_code, coalesce(department_id, '00000000-0000-0000-0000-000000000000'),
    coalesce(hall_id, '00000000-0000-0000-0000-000000000000'), first_on, last_on);
CREATE TABLE sample_case (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    draw_id uuid NOT NULL REFERENCES sample_draw (id),
    place smallint NOT NULL,
    case_id uuid NOT NULL REFERENCES case_record (id),
    thread_id uuid NOT NULL REFERENCES thread (id),
    department_id uuid NOT NULL REFERENCES department (id),
    hall_id uuid REFERENCES hall (id),
    answers jsonb,
    bad smallint,
    note_sealed bytea,
    checked_by uuid REFERENCES staff (id),
    checked_at timestamptz,
    CONSTRAINT sample_case_key UNIQUE (draw_id, place),
    CONSTRAINT sample_case_checked_check CHECK (
        (checked_at IS NULL) = (answers IS NULL) AND (checked_at IS NULL) = (checked_by IS NULL)
        AND (checked_at IS NULL) = (bad IS NULL) AND (checked_at IS NOT NULL OR note_sealed IS NULL))
);
CREATE INDEX sample_case_checked_index ON sample_case (checked_at) WHERE checked_at IS NOT NULL;
ALTER TABLE assignment ADD COLUMN sample_id uuid REFERENCES sample_case (id);
"""

BACKWARD = """
ALTER TABLE assignment DROP COLUMN sample_id;
DROP TABLE sample_case, sample_draw;
"""


class Migration(migrations.Migration):
    """Samples."""

    dependencies = [("server", "0086_rating_secret")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
