"""A department is told how the results it has made ended, and notes that it has seen it."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE delivery ADD COLUMN ended_at timestamptz, ADD COLUMN noted_at timestamptz,
    ADD COLUMN noted_by uuid REFERENCES staff (id),
    ADD CONSTRAINT delivery_noted_check CHECK (noted_at IS NULL OR ended_at IS NOT NULL);
-- What ended before anybody was told is nobody's news.
UPDATE delivery SET ended_at = coalesce(collected_at, now()), noted_at = now()
    WHERE state IN ('collected', 'signed', 'returned');
ALTER TABLE delivery ADD CONSTRAINT delivery_ended_check CHECK (
    (ended_at IS NOT NULL) = (state IN ('collected', 'signed', 'returned')));
CREATE INDEX delivery_news_index ON delivery (department_id) WHERE ended_at IS NOT NULL AND noted_at IS NULL;
CREATE INDEX delivery_ended_index ON delivery (department_id, ended_at, id) WHERE ended_at IS NOT NULL;
"""

BACKWARD = """
DROP INDEX delivery_ended_index, delivery_news_index;
ALTER TABLE delivery DROP CONSTRAINT delivery_ended_check, DROP CONSTRAINT delivery_noted_check,
    DROP COLUMN ended_at, DROP COLUMN noted_at, DROP COLUMN noted_by;
"""


class Migration(migrations.Migration):
    """What was delivered is told to whoever made it."""

    dependencies = [("server", "0069_lockers")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
