"""What a window does with a paper is written down: the original seen, and how many copies were taken."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE material_check ADD original boolean NOT NULL DEFAULT false, ADD copies smallint NOT NULL DEFAULT 0,
    ADD CONSTRAINT material_check_copies_check CHECK (copies BETWEEN 0 AND 20),
    ADD CONSTRAINT material_check_taken_check CHECK (verdict = 'received' OR (NOT original AND copies = 0));
"""

BACKWARD = "ALTER TABLE material_check DROP original, DROP copies;"


class Migration(migrations.Migration):
    """Originals and copies."""

    dependencies = [("server", "0095_bad_ratings")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
