"""Callers are told by a text and forgotten after a time; what is late is escalated again; a call is taken down once."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE bare_text (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    dedupe text NOT NULL CONSTRAINT bare_text_dedupe_key UNIQUE,
    template text NOT NULL,
    sealed bytea,
    state text NOT NULL CONSTRAINT bare_text_state_check CHECK (state IN ('waiting', 'sending', 'sent', 'dead')),
    reason text,
    attempt smallint NOT NULL DEFAULT 0,
    run_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT bare_text_sealed_check CHECK ((sealed IS NOT NULL) = (ended_at IS NULL)),
    CONSTRAINT bare_text_ended_check CHECK ((ended_at IS NULL) = (state IN ('waiting', 'sending')))
);
CREATE INDEX bare_text_due_index ON bare_text (run_at) WHERE ended_at IS NULL;
ALTER TABLE rectification
    ADD COLUMN escalations smallint NOT NULL DEFAULT 0,
    ADD COLUMN escalate_on date,
    ADD CONSTRAINT rectification_escalations_check CHECK (
        escalations >= 0 AND (escalations = 0) = (escalate_on IS NULL));
UPDATE rectification SET escalations = 1, escalate_on = (escalated_at AT TIME ZONE 'Asia/Shanghai')::date + 3
    WHERE escalated_at IS NOT NULL;
ALTER TABLE complaint
    ADD COLUMN escalations smallint NOT NULL DEFAULT 0,
    ADD COLUMN escalate_on date,
    ADD COLUMN call_print bytea,
    ADD CONSTRAINT complaint_escalations_check CHECK (
        escalations >= 0 AND (escalations = 0) = (escalate_on IS NULL)),
    DROP CONSTRAINT complaint_call_check,
    ADD CONSTRAINT complaint_call_check CHECK (
        taken_by IS NOT NULL AND account_id IS NULL AND (NOT nameless OR caller_sealed IS NULL)
        OR taken_by IS NULL AND order_number IS NULL AND caller_sealed IS NULL AND call_print IS NULL);
UPDATE complaint SET escalations = 1, escalate_on = (escalated_at AT TIME ZONE 'Asia/Shanghai')::date + 3
    WHERE escalated_at IS NOT NULL;
CREATE INDEX complaint_print_index ON complaint (call_print) WHERE call_print IS NOT NULL;
CREATE INDEX complaint_caller_index ON complaint (ended_at) WHERE caller_sealed IS NOT NULL;
ALTER TABLE rating
    DROP CONSTRAINT rating_caller_check,
    ADD CONSTRAINT rating_caller_check CHECK (
        (channel IS NOT DISTINCT FROM 'phone') = (taken_by IS NOT NULL)
        AND (taken_by IS NOT NULL OR caller_sealed IS NULL));
CREATE INDEX rating_caller_index ON rating (given_at) WHERE caller_sealed IS NOT NULL;
"""

# Whose number has been erased left none, as the rules before this step saw it.
BACKWARD = """
DROP TABLE bare_text;
DROP INDEX complaint_caller_index, rating_caller_index;
ALTER TABLE rectification DROP COLUMN escalations, DROP COLUMN escalate_on;
ALTER TABLE complaint DROP CONSTRAINT complaint_call_check,
    DROP COLUMN escalations, DROP COLUMN escalate_on, DROP COLUMN call_print;
UPDATE complaint SET nameless = caller_sealed IS NULL WHERE taken_by IS NOT NULL;
ALTER TABLE complaint ADD CONSTRAINT complaint_call_check CHECK (
    taken_by IS NOT NULL AND account_id IS NULL AND nameless = (caller_sealed IS NULL)
    OR taken_by IS NULL AND order_number IS NULL AND caller_sealed IS NULL);
ALTER TABLE rating DROP CONSTRAINT rating_caller_check;
UPDATE rating SET caller_sealed = '' WHERE taken_by IS NOT NULL AND caller_sealed IS NULL;
ALTER TABLE rating ADD CONSTRAINT rating_caller_check CHECK (
    (channel IS NOT DISTINCT FROM 'phone') = (taken_by IS NOT NULL)
    AND (taken_by IS NULL) = (caller_sealed IS NULL));
"""


class Migration(migrations.Migration):
    """Callers."""

    dependencies = [("server", "0093_first_rounds")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
