"""A picture's size in dots is kept with it; of what came before nobody has measured it."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE file ADD COLUMN width integer, ADD COLUMN height integer,
    ADD CONSTRAINT file_pixels_check CHECK ((width IS NULL) = (height IS NULL) AND width > 0 AND height > 0);
"""

BACKWARD = "ALTER TABLE file DROP COLUMN width, DROP COLUMN height;"


class Migration(migrations.Migration):
    """Pixels."""

    dependencies = [("server", "0091_unfit_papers")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
