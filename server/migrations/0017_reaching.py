"""Push, deepened: the service account as a way, what WeChat tells, what is said later."""

from tortoise import migrations
from tortoise.migrations import operations as ops

OUTBOX = """
ALTER TABLE outbox
    ADD COLUMN thread_id uuid,
    ADD COLUMN cause text,
    ADD COLUMN patience_at timestamptz,
    DROP CONSTRAINT outbox_channel_check,
    ADD CONSTRAINT outbox_channel_check CHECK (channel IN ('wechat', 'service', 'sms'));
-- None of these is written when a message is claimed and sent: only rows that wait are in them.
CREATE INDEX outbox_order_index ON outbox (account_id, thread_id, created_at)
    WHERE state = 'pending' AND account_id IS NOT NULL;
CREATE INDEX outbox_patience_index ON outbox (channel, patience_at) WHERE state = 'pending' AND patience_at IS NOT NULL;
CREATE INDEX outbox_deadline_index ON outbox (channel, deadline) WHERE state = 'pending';
CREATE INDEX outbox_cause_index ON outbox (cause) WHERE state = 'pending' AND cause IS NOT NULL;
-- By what the other side calls it, until it says how it ended.
CREATE INDEX outbox_provider_index ON outbox (provider_id) WHERE state = 'sent' AND provider_id IS NOT NULL;
CREATE INDEX outbox_nameless_index ON outbox (account_id) WHERE state = 'sent' AND provider_id IS NULL;
ALTER TABLE channel
    DROP CONSTRAINT channel_name_check,
    ADD CONSTRAINT channel_name_check CHECK (name IN ('wechat', 'service', 'sms'));
"""

LATER = """
CREATE TABLE planned_message (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    kind text NOT NULL,
    event text NOT NULL,
    cause text NOT NULL,
    person_id uuid REFERENCES person (id),
    enterprise_id uuid REFERENCES enterprise (id),
    account_id uuid REFERENCES account (id),
    thread_id uuid REFERENCES thread (id),
    at timestamptz NOT NULL,
    message_sealed bytea NOT NULL,
    state text NOT NULL DEFAULT 'planned' CONSTRAINT planned_message_state_check
        CHECK (state IN ('planned', 'said', 'cancelled', 'broken')),
    CONSTRAINT planned_message_party_check CHECK (num_nonnulls(person_id, enterprise_id, account_id) > 0)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX planned_message_event_key
    ON planned_message (event, kind, (coalesce(enterprise_id, person_id, account_id)));
CREATE INDEX planned_message_due_index ON planned_message (at) WHERE state = 'planned';
CREATE INDEX planned_message_cause_index ON planned_message (cause);
"""

AGREEMENTS = """
ALTER TABLE subscription_credit
    ADD COLUMN accepted_at timestamptz,
    ADD COLUMN rejected_at timestamptz,
    ADD COLUMN banned_at timestamptz,
    ADD COLUMN unmatched smallint NOT NULL DEFAULT 0,
    ADD COLUMN unmatched_at timestamptz;
CREATE TABLE subscription_switch (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    account_id uuid NOT NULL CONSTRAINT subscription_switch_account_key UNIQUE REFERENCES account (id),
    is_on boolean NOT NULL
);
CREATE TABLE follower (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    openid_sealed bytea NOT NULL,
    openid_index bytea NOT NULL CONSTRAINT follower_openid_key UNIQUE,
    unionid_index bytea,
    gone_at timestamptz
);
CREATE INDEX follower_unionid_index ON follower (unionid_index) WHERE unionid_index IS NOT NULL AND gone_at IS NULL;
CREATE TABLE push_event (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    key_index bytea NOT NULL CONSTRAINT push_event_key UNIQUE
);
CREATE INDEX push_event_created_index ON push_event (created_at);
CREATE TABLE receipt (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    channel text NOT NULL CONSTRAINT receipt_channel_check CHECK (channel IN ('wechat', 'service')),
    provider_id text NOT NULL,
    account_id uuid REFERENCES account (id),
    template_id text,
    problem text,
    CONSTRAINT receipt_provider_key UNIQUE (channel, provider_id)
);
CREATE INDEX receipt_created_index ON receipt (created_at);
"""

BACKWARD = """
DROP TABLE receipt, push_event, follower, subscription_switch, planned_message;
ALTER TABLE subscription_credit DROP COLUMN accepted_at, DROP COLUMN rejected_at, DROP COLUMN banned_at,
    DROP COLUMN unmatched, DROP COLUMN unmatched_at;
DROP INDEX outbox_order_index, outbox_patience_index, outbox_deadline_index, outbox_cause_index,
    outbox_provider_index, outbox_nameless_index;
DELETE FROM outbox WHERE channel = 'service';
DELETE FROM channel WHERE name = 'service';
ALTER TABLE outbox DROP COLUMN thread_id, DROP COLUMN cause, DROP COLUMN patience_at,
    DROP CONSTRAINT outbox_channel_check,
    ADD CONSTRAINT outbox_channel_check CHECK (channel IN ('wechat', 'sms'));
ALTER TABLE channel DROP CONSTRAINT channel_name_check,
    ADD CONSTRAINT channel_name_check CHECK (name IN ('wechat', 'sms'));
"""


class Migration(migrations.Migration):
    """The rest of push's tables."""

    dependencies = [("server", "0016_search")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(OUTBOX + LATER + AGREEMENTS, BACKWARD)]  # noqa: RUF012 - as above
