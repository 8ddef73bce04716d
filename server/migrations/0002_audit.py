"""Audit: who did what to which row, kept so that a change or a gap shows."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# `xid` says which transaction wrote the row, so that sealing can wait for every older one to end.
# `sequence` and `seal` are empty until then and are written once; nothing else ever changes.
FORWARD = """
CREATE TABLE audit_entry (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    actor_kind text NOT NULL CONSTRAINT audit_entry_actor_kind_check
        CHECK (actor_kind IN ('citizen', 'staff', 'system', 'anonymous')),
    actor_id uuid,
    actor_role text,
    actor_scope text,
    address text,
    request_id text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    subject_id uuid,
    person_id uuid,
    thread_id uuid,
    is_look boolean NOT NULL,
    detail jsonb NOT NULL,
    sequence bigint CONSTRAINT audit_entry_sequence_key UNIQUE,
    seal bytea,
    CONSTRAINT audit_entry_seal_check CHECK ((sequence IS NULL) = (seal IS NULL))
);
CREATE INDEX audit_entry_unsealed_index ON audit_entry (xid, id) WHERE sequence IS NULL;
CREATE INDEX audit_entry_look_index ON audit_entry (person_id, created_at DESC, id DESC) WHERE is_look;

CREATE FUNCTION audit_entry_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unsealed audit_entry;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        unsealed := NEW;
        unsealed.sequence := NULL;
        unsealed.seal := NULL;
        IF OLD.sequence IS NULL AND NEW.sequence IS NOT NULL AND unsealed IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit entries are never changed or removed' USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER audit_entry_keep_rows BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_keep();
CREATE TRIGGER audit_entry_keep_table BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_keep();
"""

BACKWARD = """
DROP TABLE audit_entry;
DROP FUNCTION audit_entry_keep;
"""


class Migration(migrations.Migration):
    """Table of the audit feature."""

    dependencies = [("server", "0001_foundation")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
