"""Certificates carry a signed payload, a place in the status list, and a history of what was done to them."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE SEQUENCE certificate_status_index AS integer MINVALUE 0;
ALTER TABLE certificate
    DROP COLUMN signature,
    ADD COLUMN payload_sealed bytea,
    ADD COLUMN signed_at timestamptz,
    ADD COLUMN status_index integer NOT NULL DEFAULT nextval('certificate_status_index'),
    ADD COLUMN status_changed_at timestamptz;
UPDATE certificate SET signed_at = created_at, status_changed_at = created_at;
ALTER TABLE certificate
    ALTER COLUMN signed_at SET NOT NULL,
    ALTER COLUMN status_changed_at SET NOT NULL,
    ALTER COLUMN status_index DROP DEFAULT,
    ADD CONSTRAINT certificate_status_index_key UNIQUE (status_index);
CREATE INDEX certificate_unsigned_index ON certificate (id) WHERE payload_sealed IS NULL;
CREATE INDEX certificate_key_index ON certificate (key_id, id);
CREATE INDEX certificate_changed_index ON certificate (status_changed_at);
CREATE INDEX certificate_fallen_index ON certificate (status_index)
    WHERE state IN ('suspended', 'revoked', 'superseded');
CREATE INDEX certificate_ending_index ON certificate (valid_until) WHERE state = 'valid' AND valid_until IS NOT NULL;
CREATE TABLE certificate_change (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    certificate_id uuid NOT NULL REFERENCES certificate (id),
    verb text NOT NULL CONSTRAINT certificate_change_verb_check
        CHECK (verb IN ('suspend', 'resume', 'revoke', 'expire', 'supersede', 'sign_again')),
    basis text NOT NULL,
    state text NOT NULL CONSTRAINT certificate_change_state_check CHECK (state IN ('asked', 'done', 'refused')),
    staff_id uuid REFERENCES staff (id),
    answered_by uuid REFERENCES staff (id),
    answered_at timestamptz,
    of_matter boolean NOT NULL,
    CONSTRAINT certificate_change_second_check CHECK (
        verb NOT IN ('suspend', 'revoke') OR state <> 'done' OR of_matter
        OR (answered_by IS NOT NULL AND answered_by <> staff_id)
    )
);
CREATE INDEX certificate_change_index ON certificate_change (certificate_id, created_at DESC);
CREATE UNIQUE INDEX certificate_change_asked_key ON certificate_change (certificate_id) WHERE state = 'asked';
CREATE TABLE certificate_status_list (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    size integer NOT NULL,
    key_id text NOT NULL,
    body bytea NOT NULL
);
CREATE INDEX certificate_status_list_index ON certificate_status_list (created_at DESC);
"""

BACKWARD = """
DROP TABLE certificate_status_list, certificate_change;
DROP INDEX certificate_key_index, certificate_ending_index;
ALTER TABLE certificate
    DROP COLUMN payload_sealed, DROP COLUMN signed_at, DROP COLUMN status_index, DROP COLUMN status_changed_at,
    ADD COLUMN signature bytea NOT NULL DEFAULT '';
ALTER TABLE certificate ALTER COLUMN signature DROP DEFAULT;
DROP SEQUENCE certificate_status_index;
"""


class Migration(migrations.Migration):
    """Signed payloads, changes and the status list."""

    dependencies = [("server", "0050_pre_review")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
