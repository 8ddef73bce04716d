"""Uploads that come in parts, and are gone on with after the network was."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE upload (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    account_id uuid NOT NULL REFERENCES account (id),
    name_sealed bytea NOT NULL,
    size integer NOT NULL CONSTRAINT upload_size_check CHECK (size > 0 AND size <= 10485760),
    received integer NOT NULL DEFAULT 0,
    file_id uuid,
    CONSTRAINT upload_received_check CHECK (received >= 0 AND received <= size)
);
CREATE INDEX upload_account_index ON upload (account_id);
CREATE INDEX upload_created_index ON upload (created_at);
CREATE TABLE upload_part (
    upload_id uuid NOT NULL REFERENCES upload (id) ON DELETE CASCADE,
    start integer NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT upload_part_pkey PRIMARY KEY (upload_id, start)
);
"""

BACKWARD = "DROP TABLE upload_part, upload"


class Migration(migrations.Migration):
    """What applying on a bad network needs."""

    dependencies = [("server", "0025_guides")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
