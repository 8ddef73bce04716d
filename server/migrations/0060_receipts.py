"""Who took a result, checked by whom and signed how; and when it was last asked after."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE delivery_receipt (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    delivery_id uuid NOT NULL CONSTRAINT delivery_receipt_key UNIQUE REFERENCES delivery (id),
    receiver_id uuid NOT NULL REFERENCES person (id),
    as_agent boolean NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    asked_at timestamptz NOT NULL,
    signed_at timestamptz,
    signed_on text CONSTRAINT delivery_receipt_on_check CHECK (signed_on IN ('phone', 'pad')),
    signature_sealed bytea,
    CONSTRAINT delivery_receipt_signed_check CHECK (
        (signed_at IS NULL) = (signed_on IS NULL) AND (signed_at IS NULL) = (signature_sealed IS NULL))
);
ALTER TABLE delivery ADD COLUMN reminded_at timestamptz;
CREATE INDEX delivery_uncollected_index ON delivery (ready_at) WHERE state = 'ready_to_collect';
"""

BACKWARD = """
DROP INDEX delivery_uncollected_index;
ALTER TABLE delivery DROP COLUMN reminded_at;
DROP TABLE delivery_receipt;
"""


class Migration(migrations.Migration):
    """Proof of who took a result."""

    dependencies = [("server", "0059_handover_lists")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
