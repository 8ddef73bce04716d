"""Pictures beside ratings and complaints: offered under a code, without anybody's login, and shown once they count."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE file
    ADD COLUMN offered_to uuid,
    ADD COLUMN exhibit_of uuid,
    DROP CONSTRAINT file_owner_check,
    ADD CONSTRAINT file_owner_check CHECK (
        account_id IS NOT NULL OR staff_id IS NOT NULL OR offered_to IS NOT NULL),
    ADD CONSTRAINT file_exhibit_check CHECK (
        exhibit_of IS NULL OR exhibit_of IS NOT DISTINCT FROM offered_to AND thread_id IS NULL AND held_for IS NULL);
CREATE INDEX file_offered_index ON file (offered_to) WHERE offered_to IS NOT NULL;
DROP INDEX file_unused_index;
CREATE INDEX file_unused_index ON file (created_at)
    WHERE thread_id IS NULL AND held_for IS NULL AND exhibit_of IS NULL;
"""

BACKWARD = """
DELETE FROM file WHERE offered_to IS NOT NULL;
DROP INDEX file_offered_index;
DROP INDEX file_unused_index;
CREATE INDEX file_unused_index ON file (created_at) WHERE thread_id IS NULL AND held_for IS NULL;
ALTER TABLE file DROP CONSTRAINT file_exhibit_check, DROP CONSTRAINT file_owner_check,
    ADD CONSTRAINT file_owner_check CHECK (account_id IS NOT NULL OR staff_id IS NOT NULL),
    DROP COLUMN offered_to, DROP COLUMN exhibit_of;
"""


class Migration(migrations.Migration):
    """Two columns of files."""

    dependencies = [("server", "0078_certificate_lookups")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
