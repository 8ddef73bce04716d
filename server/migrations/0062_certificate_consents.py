"""Consents: an enterprise asks for all a certificate says, its holder lets it look once."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE certificate_consent (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    certificate_id uuid NOT NULL REFERENCES certificate (id),
    enterprise_id uuid NOT NULL REFERENCES enterprise (id),
    account_id uuid NOT NULL REFERENCES account (id),
    purpose text NOT NULL,
    state text NOT NULL CONSTRAINT certificate_consent_state_check
        CHECK (state IN ('asked', 'given', 'refused', 'read', 'lapsed')),
    until timestamptz NOT NULL,
    answered_at timestamptz,
    read_at timestamptz,
    CONSTRAINT certificate_consent_read_check CHECK ((read_at IS NOT NULL) = (state = 'read'))
);
CREATE INDEX certificate_consent_index ON certificate_consent (certificate_id, created_at DESC);
CREATE UNIQUE INDEX certificate_consent_asked_key ON certificate_consent (certificate_id, enterprise_id)
    WHERE state = 'asked';
"""

BACKWARD = "DROP TABLE certificate_consent"


class Migration(migrations.Migration):
    """Consents."""

    dependencies = [("server", "0061_sendings")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
