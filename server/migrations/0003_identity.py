"""Identity: who people, enterprises and staff are, how they log in, and who may act for whom."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# Columns `…_sealed` are encrypted, columns `…_index` are keyed blind indexes of the same value.
_PEOPLE = """
CREATE TABLE person (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    document_kind text NOT NULL CONSTRAINT person_document_kind_check
        CHECK (document_kind IN ('resident_id', 'passport', 'hk_macau_permit', 'taiwan_permit')),
    document_sealed bytea NOT NULL,
    document_index bytea NOT NULL CONSTRAINT person_document_key UNIQUE,
    name_sealed bytea NOT NULL,
    name_index bytea NOT NULL,
    phone_sealed bytea,
    phone_index bytea,
    verified_at timestamptz NOT NULL,
    CONSTRAINT person_phone_check CHECK ((phone_sealed IS NULL) = (phone_index IS NULL))
);
CREATE INDEX person_name_index ON person (name_index);
CREATE INDEX person_phone_index ON person (phone_index) WHERE phone_index IS NOT NULL;

CREATE TABLE account (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    person_id uuid REFERENCES person (id),
    openid_sealed bytea,
    openid_index bytea CONSTRAINT account_openid_key UNIQUE,
    unionid_sealed bytea,
    phone_sealed bytea,
    phone_index bytea CONSTRAINT account_phone_key UNIQUE,
    locale text NOT NULL,
    elder_mode boolean NOT NULL DEFAULT false,
    phone_at timestamptz,
    disabled_at timestamptz,
    merged_into uuid REFERENCES account (id),
    CONSTRAINT account_openid_check CHECK ((openid_sealed IS NULL) = (openid_index IS NULL)),
    CONSTRAINT account_phone_check CHECK (phone_sealed IS NULL OR phone_index IS NOT NULL),
    CONSTRAINT account_merged_check CHECK (merged_into IS NULL OR (openid_index IS NULL AND phone_index IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX account_person_index ON account (person_id) WHERE person_id IS NOT NULL;

CREATE TABLE consent (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    account_id uuid REFERENCES account (id),
    person_id uuid REFERENCES person (id),
    version text NOT NULL,
    channel text NOT NULL CONSTRAINT consent_channel_check CHECK (channel IN ('phone', 'window')),
    withdrawn_at timestamptz,
    CONSTRAINT consent_giver_check CHECK (num_nonnulls(account_id, person_id) = 1)
);
CREATE UNIQUE INDEX consent_live_key ON consent (account_id, version) WHERE withdrawn_at IS NULL;

CREATE TABLE session (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    account_id uuid NOT NULL REFERENCES account (id),
    token_hash bytea NOT NULL CONSTRAINT session_token_key UNIQUE,
    channel text NOT NULL CONSTRAINT session_channel_check CHECK (channel IN ('wechat', 'sms')),
    device text NOT NULL,
    phone_sealed bytea,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
) WITH (fillfactor = 80);
CREATE INDEX session_account_index ON session (account_id) WHERE ended_at IS NULL;

CREATE TABLE login_code (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    phone_index bytea NOT NULL,
    source_index bytea NOT NULL,
    code_index bytea NOT NULL,
    tries smallint NOT NULL DEFAULT 0,
    used_at timestamptz,
    CONSTRAINT login_code_tries_check CHECK (tries BETWEEN 0 AND 5)
);
CREATE INDEX login_code_phone_index ON login_code (phone_index, created_at DESC);
CREATE INDEX login_code_source_index ON login_code (source_index, created_at);
CREATE INDEX login_code_created_index ON login_code (created_at);

CREATE TABLE wechat_code (
    code_index bytea PRIMARY KEY,
    created_at timestamptz NOT NULL
);
CREATE INDEX wechat_code_created_index ON wechat_code (created_at);

CREATE TABLE attempt (
    kind text NOT NULL,
    subject_index bytea NOT NULL,
    failures integer NOT NULL,
    created_at timestamptz NOT NULL,
    free_at timestamptz NOT NULL,
    CONSTRAINT attempt_pkey PRIMARY KEY (kind, subject_index)
);
CREATE INDEX attempt_free_index ON attempt (free_at);
"""

_PARTIES = """
CREATE TABLE mandate (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    agent_id uuid NOT NULL REFERENCES person (id),
    person_id uuid NOT NULL REFERENCES person (id),
    relation text NOT NULL CONSTRAINT mandate_relation_check CHECK (relation IN ('guardian')),
    until date NOT NULL,
    ended_at timestamptz,
    CONSTRAINT mandate_self_check CHECK (agent_id <> person_id)
);
CREATE UNIQUE INDEX mandate_live_key ON mandate (agent_id, person_id) WHERE ended_at IS NULL;
CREATE INDEX mandate_person_index ON mandate (person_id) WHERE ended_at IS NULL;

CREATE TABLE enterprise (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    uscc text NOT NULL CONSTRAINT enterprise_uscc_key UNIQUE,
    name text NOT NULL,
    verified_at timestamptz NOT NULL
);

CREATE TABLE membership (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    enterprise_id uuid NOT NULL REFERENCES enterprise (id),
    role text NOT NULL CONSTRAINT membership_role_check CHECK (role IN ('legal_person', 'clerk')),
    person_id uuid REFERENCES person (id),
    phone_sealed bytea,
    phone_index bytea,
    authorised_by uuid REFERENCES person (id),
    ended_at timestamptz,
    CONSTRAINT membership_who_check CHECK (person_id IS NOT NULL OR (role = 'clerk' AND phone_index IS NOT NULL))
);
CREATE UNIQUE INDEX membership_person_key ON membership (enterprise_id, person_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX membership_phone_key ON membership (enterprise_id, phone_index) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX membership_legal_person_key ON membership (enterprise_id)
    WHERE ended_at IS NULL AND role = 'legal_person';
CREATE INDEX membership_member_index ON membership (person_id) WHERE ended_at IS NULL;
CREATE INDEX membership_awaited_index ON membership (phone_index) WHERE ended_at IS NULL AND person_id IS NULL;
"""

_STAFF = """
CREATE TABLE staff (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    username text NOT NULL CONSTRAINT staff_username_key UNIQUE,
    name_sealed bytea NOT NULL,
    password_hash text NOT NULL,
    totp_sealed bytea NOT NULL,
    totp_step bigint NOT NULL DEFAULT 0,
    disabled_at timestamptz
);

CREATE TABLE staff_grant (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    role text NOT NULL CONSTRAINT staff_grant_role_check
        CHECK (role IN ('clerk', 'reviewer', 'hall_manager', 'supervisor', 'auditor', 'administrator')),
    kind text NOT NULL CONSTRAINT staff_grant_kind_check CHECK (kind IN ('hall', 'department', 'region')),
    scope text NOT NULL,
    ended_at timestamptz
);
CREATE UNIQUE INDEX staff_grant_live_key ON staff_grant (staff_id, role, kind, scope) WHERE ended_at IS NULL;

CREATE TABLE staff_session (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    token_hash bytea NOT NULL CONSTRAINT staff_session_token_key UNIQUE,
    source_index bytea NOT NULL,
    stage text NOT NULL CONSTRAINT staff_session_stage_check CHECK (stage IN ('password', 'open')),
    tries smallint NOT NULL DEFAULT 0,
    seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX staff_session_staff_index ON staff_session (staff_id, created_at DESC);
"""

BACKWARD = """
DROP TABLE staff_session, staff_grant, staff, membership, enterprise, mandate, attempt, wechat_code, login_code,
    session, consent, account, person;
"""


class Migration(migrations.Migration):
    """Tables of the identity feature."""

    dependencies = [("server", "0002_audit")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(_PEOPLE + _PARTIES + _STAFF, BACKWARD)]  # noqa: RUF012 - as above
