"""What every feature stands on: remembered answers to deeds."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# `owner` is who sent the key (a person, an account, a staff member); somebody else's equal key is another row.
# `status` and `reply_sealed` are empty between the claim and the answer, which one transaction holds.
FORWARD = """
CREATE TABLE idempotency_key (
    owner text NOT NULL,
    key text NOT NULL CONSTRAINT idempotency_key_length_check CHECK (length(key) BETWEEN 1 AND 255),
    body_hash bytea NOT NULL,
    status integer,
    reply_sealed bytea,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_key_pkey PRIMARY KEY (owner, key),
    CONSTRAINT idempotency_key_reply_check CHECK ((status IS NULL) = (reply_sealed IS NULL))
);
CREATE INDEX idempotency_key_created_at ON idempotency_key (created_at);
"""

BACKWARD = """
DROP TABLE idempotency_key;
"""


class Migration(migrations.Migration):
    initial = True
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - Tortoise declares it so
