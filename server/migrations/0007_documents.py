"""Documents: what people hand in, sealed in the file store, and the numbered notices they are given."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE file (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    account_id uuid REFERENCES account (id),
    person_id uuid REFERENCES person (id),
    staff_id uuid REFERENCES staff (id),
    thread_id uuid REFERENCES thread (id),
    held_for uuid REFERENCES thread (id),
    state text NOT NULL CONSTRAINT file_state_check CHECK (state IN ('arriving', 'kept', 'leaving')),
    name_sealed bytea NOT NULL,
    media_type text NOT NULL CONSTRAINT file_media_type_check
        CHECK (media_type IN ('image/jpeg', 'image/png', 'image/webp', 'application/pdf')),
    size integer NOT NULL CONSTRAINT file_size_check CHECK (size > 0 AND size <= 10485760),
    digest bytea NOT NULL,
    has_thumb boolean NOT NULL,
    CONSTRAINT file_owner_check CHECK (account_id IS NOT NULL OR staff_id IS NOT NULL)
);
CREATE INDEX file_thread_index ON file (thread_id);
CREATE INDEX file_unused_index ON file (created_at) WHERE thread_id IS NULL AND held_for IS NULL;
CREATE INDEX file_account_index ON file (account_id) WHERE thread_id IS NULL;
CREATE SEQUENCE notice_serial;
CREATE TABLE notice (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    number text NOT NULL CONSTRAINT notice_number_key UNIQUE,
    kind text NOT NULL,
    thread_id uuid NOT NULL REFERENCES thread (id),
    facts_sealed bytea NOT NULL,
    code text NOT NULL CONSTRAINT notice_code_key UNIQUE
);
CREATE INDEX notice_thread_index ON notice (thread_id, created_at);
"""

BACKWARD = "DROP TABLE notice, file; DROP SEQUENCE notice_serial"


class Migration(migrations.Migration):
    """Tables of the documents feature."""

    dependencies = [("server", "0006_push")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
