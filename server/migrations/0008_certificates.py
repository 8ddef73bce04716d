"""Certificates: kinds, the certificates themselves, and who has checked one."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE certificate_type (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    key text NOT NULL CONSTRAINT certificate_type_key_key UNIQUE,
    name text NOT NULL,
    type_code text NOT NULL CONSTRAINT certificate_type_code_check CHECK (type_code ~ '^[0-9A-Z]{21}$'),
    colour text NOT NULL,
    layout jsonb NOT NULL
);
CREATE SEQUENCE certificate_serial;
CREATE TABLE certificate (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    number text NOT NULL CONSTRAINT certificate_number_key UNIQUE,
    type_id uuid NOT NULL REFERENCES certificate_type (id),
    thread_id uuid NOT NULL REFERENCES thread (id),
    person_id uuid NOT NULL REFERENCES person (id),
    enterprise_id uuid REFERENCES enterprise (id),
    department_id uuid NOT NULL REFERENCES department (id),
    version smallint NOT NULL,
    state text NOT NULL CONSTRAINT certificate_state_check
        CHECK (state IN ('valid', 'suspended', 'revoked', 'expired', 'superseded')),
    content_sealed bytea NOT NULL,
    signature bytea NOT NULL,
    key_id text NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    issued_by uuid REFERENCES staff (id),
    sample boolean NOT NULL,
    CONSTRAINT certificate_validity_check CHECK (valid_until IS NULL OR valid_until >= valid_from),
    CONSTRAINT certificate_issue_key UNIQUE (thread_id, type_id, version)
);
CREATE INDEX certificate_person_index ON certificate (person_id, created_at DESC);
CREATE INDEX certificate_enterprise_index ON certificate (enterprise_id) WHERE enterprise_id IS NOT NULL;
CREATE TABLE certificate_scan (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    certificate_id uuid NOT NULL REFERENCES certificate (id),
    token text NOT NULL,
    account_id uuid REFERENCES account (id),
    result text NOT NULL
);
CREATE INDEX certificate_scan_index ON certificate_scan (certificate_id, created_at DESC);
"""

BACKWARD = "DROP TABLE certificate_scan, certificate, certificate_type; DROP SEQUENCE certificate_serial"


class Migration(migrations.Migration):
    """Tables of the certificates feature."""

    dependencies = [("server", "0007_documents")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
