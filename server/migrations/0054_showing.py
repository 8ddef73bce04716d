"""Showings of certificates: codes that change every half minute, each good once for whoever checks it."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE certificate_showing (
    name text PRIMARY KEY CONSTRAINT certificate_showing_name_check CHECK (length(name) = 16),
    created_at timestamptz NOT NULL,
    certificate_id uuid NOT NULL REFERENCES certificate (id),
    account_id uuid NOT NULL REFERENCES account (id),
    session_id uuid NOT NULL,
    ended_at timestamptz
);
CREATE INDEX certificate_showing_index ON certificate_showing (certificate_id, created_at DESC);
CREATE INDEX certificate_showing_age_index ON certificate_showing (created_at);
CREATE TABLE certificate_code_use (
    name text NOT NULL REFERENCES certificate_showing (name) ON DELETE CASCADE,
    step smallint NOT NULL,
    verifier bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (name, step, verifier)
);
ALTER TABLE certificate_scan
    ALTER COLUMN certificate_id DROP NOT NULL,
    ADD COLUMN way text NOT NULL DEFAULT 'shown'
        CONSTRAINT certificate_scan_way_check CHECK (way IN ('shown', 'printed', 'text', 'none'));
ALTER TABLE certificate_scan ALTER COLUMN way DROP DEFAULT;
CREATE INDEX certificate_scan_age_index ON certificate_scan (created_at);
"""

BACKWARD = """
DELETE FROM certificate_scan WHERE certificate_id IS NULL;
DROP INDEX certificate_scan_age_index;
ALTER TABLE certificate_scan DROP COLUMN way, ALTER COLUMN certificate_id SET NOT NULL;
DROP TABLE certificate_code_use, certificate_showing;
"""


class Migration(migrations.Migration):
    """Showings, their codes' uses, and how a check came about."""

    dependencies = [("server", "0053_rulings")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
