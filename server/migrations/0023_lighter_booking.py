"""What a booking writes is less: no index that nobody reads, and rows that come as one parameter."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# One array of these is one parameter of the statements in booking's service, columns in this order.
ROWS = """
CREATE TYPE booking_ask AS (
    slot_id uuid, person_id uuid, account_id uuid, party_id uuid, item_id uuid, owner text, key text
);
CREATE TYPE booking_row AS (
    counter integer, rank integer, slot_id uuid, person_id uuid, version integer, enterprise_id uuid, account_id uuid,
    owner text, key text, body_hash bytea, reply_sealed bytea, thread_id uuid, opens boolean, number text,
    tail_index bytea, booking_id uuid, ticked text, code text, inbox_id uuid, text_sealed bytea, outbox_id uuid,
    target uuid, payload_sealed bytea, audit_id uuid, request_id text
);
"""

LIGHTER = """
-- They served the keys of other tables only, and those are kept by row_stays.
DROP INDEX thread_account_index, thread_item_index, code_thread_index;
-- No-shows are few: whoever books is looked for among them alone, not in all they ever booked.
CREATE INDEX booking_missed_index ON booking (person_id) WHERE state = 'no_show' AND excused_at IS NULL;
-- Whoever says when a message is due needs nobody to say it for them.
DROP TRIGGER outbox_is_due ON outbox;
CREATE TRIGGER outbox_is_due BEFORE INSERT ON outbox FOR EACH ROW WHEN (NEW.due_at IS NULL)
    EXECUTE FUNCTION outbox_is_due();
"""

BACKWARD = """
DROP TRIGGER outbox_is_due ON outbox;
CREATE TRIGGER outbox_is_due BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION outbox_is_due();
DROP INDEX booking_missed_index;
CREATE INDEX thread_account_index ON thread (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX thread_item_index ON thread (item_id);
CREATE INDEX code_thread_index ON code (thread_id) WHERE thread_id IS NOT NULL;
DROP TYPE booking_row, booking_ask;
"""


class Migration(migrations.Migration):
    """Less to write for a booking."""

    dependencies = [("server", "0022_pace")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(ROWS + LIGHTER, BACKWARD)]  # noqa: RUF012 - as above
