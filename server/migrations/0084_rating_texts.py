"""The link to a rating by SMS, for who has no WeChat: one a service, sealed until it is sent and forgotten then."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE rating_text (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    rating_id uuid NOT NULL REFERENCES rating (id) CONSTRAINT rating_text_rating_key UNIQUE,
    staff_id uuid REFERENCES staff (id),
    phone_sealed bytea,
    state text NOT NULL CONSTRAINT rating_text_state_check CHECK (
        state IN ('waiting', 'sending', 'sent', 'dead', 'too_late')),
    reason text,
    attempt smallint NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT rating_text_phone_check CHECK ((phone_sealed IS NOT NULL) = (ended_at IS NULL)),
    CONSTRAINT rating_text_ended_check CHECK ((ended_at IS NULL) = (state IN ('waiting', 'sending')))
);
CREATE INDEX rating_text_due_index ON rating_text (run_at) WHERE ended_at IS NULL;
"""

BACKWARD = "DROP TABLE rating_text"


class Migration(migrations.Migration):
    """Texts."""

    dependencies = [("server", "0083_complaint_calls")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
