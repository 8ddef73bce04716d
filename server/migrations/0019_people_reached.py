"""Reaching people: every attempt of a message, tallies of how it goes, broadcasts, and what each phone wants."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# An outcome that is not the last word is kept beside the message; so is the old end of one that is sent again.
ATTEMPTS = """
CREATE TABLE IF NOT EXISTS outbox_attempt (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL,
    outbox_id uuid NOT NULL REFERENCES outbox (id),
    attempt integer NOT NULL,
    state text NOT NULL,
    reason text
);
CREATE INDEX IF NOT EXISTS outbox_attempt_outbox_index ON outbox_attempt (outbox_id, created_at);
CREATE FUNCTION outbox_keeps_attempts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO outbox_attempt (id, created_at, outbox_id, attempt, state, reason)
    SELECT gen_random_uuid(), coalesce(OLD.ended_at, now()), OLD.id, OLD.attempt,
        CASE WHEN OLD.state = 'sending' THEN 'failed' ELSE OLD.state END,
        CASE WHEN OLD.state = 'sending' THEN NEW.reason ELSE OLD.reason END
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER outbox_keeps_attempts AFTER UPDATE ON outbox FOR EACH ROW
    WHEN (NEW.state = 'pending' AND OLD.state <> 'pending' AND (OLD.state <> 'sending' OR NEW.reason IS NOT NULL))
    EXECUTE FUNCTION outbox_keeps_attempts();
-- Messages that nobody will send any more, but for those the person simply has not agreed to.
CREATE INDEX outbox_stuck_index ON outbox (reason, channel, ended_at)
    WHERE state IN ('dead', 'refused')
        AND reason NOT IN ('not_agreed', 'used_up', 'rejected', 'main_switch', 'banned', '43101');
"""

# When a message is due moves with the message, not with its attempts.
DUE = """
ALTER TABLE outbox ADD COLUMN due_at timestamptz;
CREATE FUNCTION outbox_is_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.due_at := NEW.run_at;
    RETURN NEW;
END $$;
CREATE TRIGGER outbox_is_due BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION outbox_is_due();
CREATE TRIGGER outbox_is_moved BEFORE UPDATE OF run_at ON outbox FOR EACH ROW
    WHEN (NEW.state = 'pending' AND OLD.state <> 'sending' AND NEW.run_at <> OLD.run_at)
    EXECUTE FUNCTION outbox_is_due();
"""

# Counted where it happens, one row a statement and template: nothing waits for a counter, nothing counts a big table.
TALLIES = """
CREATE TABLE push_tally (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    created_at timestamptz NOT NULL,
    channel text NOT NULL,
    template text NOT NULL,
    sent integer NOT NULL,
    in_time integer NOT NULL,
    not_agreed integer NOT NULL,
    refused integer NOT NULL,
    dead integer NOT NULL,
    too_late integer NOT NULL
);
CREATE INDEX push_tally_created_index ON push_tally (created_at);
CREATE FUNCTION outbox_is_tallied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO push_tally (created_at, channel, template, sent, in_time, not_agreed, refused, dead, too_late)
    SELECT max(ended.ended_at), ended.channel, ended.template,
        count(*) FILTER (WHERE ended.state = 'sent'),
        count(*) FILTER (WHERE ended.state = 'sent' AND ended.ended_at <= ended.due_at + interval '10 seconds'),
        count(*) FILTER (WHERE ended.state = 'refused'
            AND ended.reason IN ('not_agreed', 'used_up', 'rejected', 'main_switch', 'banned', '43101')),
        count(*) FILTER (WHERE ended.state = 'refused'
            AND ended.reason NOT IN ('not_agreed', 'used_up', 'rejected', 'main_switch', 'banned', '43101')),
        count(*) FILTER (WHERE ended.state = 'dead'),
        count(*) FILTER (WHERE ended.state = 'too_late')
    FROM ended JOIN held ON held.id = ended.id
    WHERE held.ended_at IS NULL AND ended.ended_at IS NOT NULL
    GROUP BY ended.channel, ended.template;
    RETURN NULL;
END $$;
CREATE TRIGGER outbox_is_tallied AFTER UPDATE ON outbox REFERENCING OLD TABLE AS held NEW TABLE AS ended
    FOR EACH STATEMENT EXECUTE FUNCTION outbox_is_tallied();
"""

PEOPLE = """
ALTER TABLE inbox ADD COLUMN deleted_at timestamptz;
CREATE TABLE push_preference (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    account_id uuid NOT NULL REFERENCES account (id),
    topic text NOT NULL,
    wechat boolean NOT NULL,
    sms boolean NOT NULL,
    CONSTRAINT push_preference_key UNIQUE (account_id, topic)
);
CREATE TABLE broadcast (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    kind text NOT NULL,
    words jsonb NOT NULL,
    audience text NOT NULL,
    chosen jsonb NOT NULL,
    state text NOT NULL CONSTRAINT broadcast_state_check CHECK (state IN
        ('waiting', 'refused', 'running', 'stopped', 'done')),
    expected integer NOT NULL,
    author_id uuid NOT NULL REFERENCES staff (id),
    approver_id uuid REFERENCES staff (id),
    decided_at timestamptz,
    ended_at timestamptz,
    cursor uuid,
    told integer NOT NULL DEFAULT 0,
    twice integer NOT NULL DEFAULT 0,
    CONSTRAINT broadcast_two_people_check CHECK (approver_id <> author_id),
    CONSTRAINT broadcast_approved_check CHECK (state = 'waiting' OR state = 'stopped' OR approver_id IS NOT NULL),
    CONSTRAINT broadcast_end_check CHECK ((state IN ('waiting', 'running')) = (ended_at IS NULL))
);
CREATE INDEX broadcast_created_index ON broadcast (created_at DESC);
CREATE INDEX broadcast_running_index ON broadcast (id) WHERE state = 'running';
CREATE INDEX case_item_index ON case_record (item_id, state, person_id);
CREATE INDEX ticket_people_index ON ticket (hall_id, day, person_id);
"""

BACKWARD = """
DROP INDEX ticket_people_index;
DROP INDEX case_item_index;
DROP TABLE broadcast, push_preference;
ALTER TABLE inbox DROP COLUMN deleted_at;
DROP TRIGGER outbox_is_tallied ON outbox;
DROP FUNCTION outbox_is_tallied();
DROP TABLE push_tally;
DROP TRIGGER outbox_is_moved ON outbox;
DROP TRIGGER outbox_is_due ON outbox;
DROP FUNCTION outbox_is_due();
ALTER TABLE outbox DROP COLUMN due_at;
DROP INDEX outbox_stuck_index;
DROP TRIGGER outbox_keeps_attempts ON outbox;
DROP FUNCTION outbox_keeps_attempts();
DROP TABLE IF EXISTS outbox_attempt;
"""


class Migration(migrations.Migration):
    """What is known of reaching people."""

    dependencies = [("server", "0018_arrivals")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(ATTEMPTS + DUE + TALLIES + PEOPLE, BACKWARD)]  # noqa: RUF012 - as above
