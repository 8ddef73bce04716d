"""Push: a claim in one round trip, tallies written by what ends messages, and asking after text messages."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# Claims of a channel take turns, so that no two workers take messages of one account: WeChat refuses a second send to a
# person while the first is under way. What a claim sees must be newer than its turn, and each statement of a function
# looks anew: so turn and claim are one round trip. Each priority is asked for by itself, so that rows of another,
# however many, are not looked at. OFFSET 0 keeps the look-ups per row: a join compares everything with everything.
# The settings hold it to its indexes, whatever the tables looked like when it was planned.
CLAIM = """
CREATE FUNCTION outbox_claim(way text, at timestamptz, lease timestamptz, most integer, order_from timestamptz)
RETURNS SETOF outbox LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_mergejoin = off SET enable_hashjoin = off
AS $$
#variable_conflict use_column
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('push.claim.' || way, 0));
    RETURN QUERY
        WITH due AS MATERIALIZED (
            SELECT one.id FROM unnest(ARRAY[1,2,3,4,5,6,7,8,9]::smallint[]) AS level (priority)
            CROSS JOIN LATERAL (
                SELECT id FROM outbox
                WHERE channel = way AND state = 'pending' AND priority = level.priority AND run_at <= at
                    AND NOT EXISTS (
                        SELECT FROM outbox AS busy
                        WHERE busy.account_id = outbox.account_id AND busy.state = 'sending' AND busy.channel = way
                        OFFSET 0)
                    AND NOT EXISTS (
                        SELECT FROM outbox AS earlier
                        WHERE earlier.account_id = outbox.account_id AND earlier.thread_id = outbox.thread_id
                            AND earlier.state = 'pending' AND earlier.channel = way AND earlier.created_at > order_from
                            AND (earlier.created_at, earlier.id) < (outbox.created_at, outbox.id)
                        OFFSET 0)
                ORDER BY run_at LIMIT most FOR UPDATE SKIP LOCKED) AS one
            LIMIT most)
        UPDATE outbox SET state = 'sending', attempt = attempt + 1, lease_until = lease
        WHERE id = ANY(ARRAY(SELECT id FROM due))
        RETURNING outbox.*;
END $$;
"""

# A text message whose end nobody has told is asked after, a few times; no other row is in this index.
ASKING = """
ALTER TABLE outbox
    ADD COLUMN asks smallint NOT NULL DEFAULT 0,
    ADD COLUMN unheard_since timestamptz;
CREATE INDEX outbox_unheard_index ON outbox ((coalesce(unheard_since, ended_at)))
    WHERE channel = 'sms' AND state = 'sent' AND asks < 3;
"""

# They are written by whatever ends a message: a trigger of transition tables copies every message on every change.
TALLIES = """
DROP TRIGGER outbox_is_tallied ON outbox;
DROP FUNCTION outbox_is_tallied();
"""

BACKWARD = """
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
DROP FUNCTION outbox_claim(text, timestamptz, timestamptz, integer, timestamptz);
DROP INDEX outbox_unheard_index;
ALTER TABLE outbox DROP COLUMN asks, DROP COLUMN unheard_since;
"""


class Migration(migrations.Migration):
    """What the worker's pace rests on."""

    dependencies = [("server", "0021_calling")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(ASKING + CLAIM + TALLIES, BACKWARD)]  # noqa: RUF012 - as above
