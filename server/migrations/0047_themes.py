"""Themes: one matter of several items; a case of each, all under the one that was handed in."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE case_record
    ADD COLUMN whole boolean NOT NULL DEFAULT false,
    ADD COLUMN parent_id uuid REFERENCES case_record (id),
    ADD COLUMN part text,
    ADD COLUMN agreed_days smallint,
    ADD CONSTRAINT case_part_check CHECK (
        (parent_id IS NULL) = (part IS NULL) AND (parent_id IS NULL) = (agreed_days IS NULL)
        AND (parent_id IS NULL OR NOT whole));
CREATE UNIQUE INDEX case_part_key ON case_record (parent_id, part) WHERE parent_id IS NOT NULL;
ALTER TABLE thread ADD COLUMN parent_id uuid REFERENCES thread (id);
CREATE INDEX thread_parent_index ON thread (parent_id) WHERE parent_id IS NOT NULL;
"""

BACKWARD = """
DROP INDEX thread_parent_index;
ALTER TABLE thread DROP COLUMN parent_id;
DROP INDEX case_part_key;
ALTER TABLE case_record DROP CONSTRAINT case_part_check, DROP COLUMN whole, DROP COLUMN parent_id, DROP COLUMN part,
    DROP COLUMN agreed_days;
"""


class Migration(migrations.Migration):
    """Several items in one."""

    dependencies = [("server", "0046_correction_policy")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
