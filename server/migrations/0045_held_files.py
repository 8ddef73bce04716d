"""The files a draft holds are found by its thread: they are looked for at every draft that is saved or handed in."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = "CREATE INDEX file_held_index ON file (held_for) WHERE thread_id IS NULL AND held_for IS NOT NULL;"

BACKWARD = "DROP INDEX file_held_index;"


class Migration(migrations.Migration):
    """An index beside the one of files handed in."""

    dependencies = [("server", "0044_second_thought")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
