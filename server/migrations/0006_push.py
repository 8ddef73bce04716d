"""Push: what was said to whom, how it was sent, what people agreed to receive, and the token WeChat gave us."""

from tortoise import migrations
from tortoise.migrations import operations as ops

MESSAGES = """
CREATE TABLE inbox (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    kind text NOT NULL CONSTRAINT inbox_kind_check CHECK (kind ~ '^[a-z_]+([.][a-z_]+)+$'),
    event text NOT NULL,
    person_id uuid REFERENCES person (id),
    enterprise_id uuid REFERENCES enterprise (id),
    account_id uuid REFERENCES account (id),
    thread_id uuid REFERENCES thread (id),
    page text NOT NULL,
    text_sealed bytea NOT NULL,
    read_at timestamptz,
    CONSTRAINT inbox_party_check CHECK (num_nonnulls(person_id, enterprise_id, account_id) = 1)
) WITH (fillfactor = 90);
CREATE UNIQUE INDEX inbox_event_key ON inbox (event, kind, (coalesce(person_id, enterprise_id, account_id)));
CREATE INDEX inbox_person_index ON inbox (person_id, created_at DESC) WHERE person_id IS NOT NULL;
CREATE INDEX inbox_enterprise_index ON inbox (enterprise_id, created_at DESC) WHERE enterprise_id IS NOT NULL;
CREATE INDEX inbox_account_index ON inbox (account_id, created_at DESC) WHERE account_id IS NOT NULL;
CREATE INDEX inbox_thread_index ON inbox (thread_id) WHERE thread_id IS NOT NULL;

CREATE TABLE outbox (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    inbox_id uuid NOT NULL REFERENCES inbox (id),
    channel text NOT NULL CONSTRAINT outbox_channel_check CHECK (channel IN ('wechat', 'sms')),
    kind text NOT NULL,
    account_id uuid REFERENCES account (id),
    person_id uuid REFERENCES person (id),
    template text NOT NULL,
    payload_sealed bytea NOT NULL,
    priority smallint NOT NULL CONSTRAINT outbox_priority_check CHECK (priority BETWEEN 1 AND 9),
    run_at timestamptz NOT NULL,
    deadline timestamptz NOT NULL,
    retry_unknown boolean NOT NULL,
    sms boolean NOT NULL,
    state text NOT NULL DEFAULT 'pending' CONSTRAINT outbox_state_check CHECK (state IN
        ('pending', 'sending', 'sent', 'delivered', 'refused', 'dead', 'too_late')),
    attempt integer NOT NULL DEFAULT 0,
    failures smallint NOT NULL DEFAULT 0,
    doubts smallint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    reason text,
    provider_id text,
    ended_at timestamptz,
    CONSTRAINT outbox_channel_key UNIQUE (inbox_id, channel),
    CONSTRAINT outbox_lease_check CHECK ((state = 'sending') = (lease_until IS NOT NULL)),
    CONSTRAINT outbox_end_check CHECK ((state IN ('pending', 'sending')) = (ended_at IS NULL))
) WITH (fillfactor = 60);
-- Every message is updated twice, and each update writes every index: these are all.
CREATE INDEX outbox_due_index ON outbox (channel, priority, run_at) WHERE state = 'pending';
CREATE INDEX outbox_sending_index ON outbox (account_id, lease_until) WHERE state = 'sending';
"""

AGREEMENTS = """
CREATE TABLE subscription_credit (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    account_id uuid NOT NULL REFERENCES account (id),
    template_id text NOT NULL,
    balance integer NOT NULL DEFAULT 0 CONSTRAINT subscription_credit_balance_check CHECK (balance >= 0),
    long_term boolean NOT NULL DEFAULT false,
    CONSTRAINT subscription_credit_key UNIQUE (account_id, template_id)
) WITH (fillfactor = 70);
CREATE TABLE subscription_report (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    account_id uuid NOT NULL REFERENCES account (id),
    nonce text NOT NULL CONSTRAINT subscription_report_nonce_check CHECK (length(nonce) BETWEEN 8 AND 64),
    CONSTRAINT subscription_report_key UNIQUE (account_id, nonce)
);
CREATE INDEX subscription_report_created_index ON subscription_report (created_at);
CREATE TABLE channel (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    name text NOT NULL CONSTRAINT channel_name_key UNIQUE
        CONSTRAINT channel_name_check CHECK (name IN ('wechat', 'sms')),
    paused_until timestamptz,
    probing boolean NOT NULL DEFAULT false,
    reason text
);
CREATE TABLE wechat_token (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    appid text NOT NULL CONSTRAINT wechat_token_appid_key UNIQUE,
    token_sealed bytea,
    expires_at timestamptz,
    lease_until timestamptz
);
"""

BACKWARD = "DROP TABLE wechat_token, channel, subscription_report, subscription_credit, outbox, inbox"


class Migration(migrations.Migration):
    """Tables of push and of the WeChat adapter."""

    dependencies = [("server", "0005_thread")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(MESSAGES + AGREEMENTS, BACKWARD)]  # noqa: RUF012 - as above
