"""Papers taken over from an earlier matter, and when somebody was forgotten: nothing from before is taken over."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE person ADD COLUMN forgotten_at timestamptz;
ALTER TABLE material ADD COLUMN earlier_case_id uuid REFERENCES case_record (id),
    ADD CONSTRAINT material_earlier_check CHECK ((source = 'earlier_case') = (earlier_case_id IS NOT NULL));
CREATE INDEX material_earlier_index ON material (earlier_case_id) WHERE earlier_case_id IS NOT NULL;
"""

BACKWARD = """
DELETE FROM material WHERE source = 'earlier_case';
ALTER TABLE material DROP COLUMN earlier_case_id;
ALTER TABLE person DROP COLUMN forgotten_at;
"""


class Migration(migrations.Migration):
    """Papers of earlier matters."""

    dependencies = [("server", "0080_certificate_issuers")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
