"""The queue in full: walk-ins, the green channel, holding and handing on, and windows that pause."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE queue_policy (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    hall_id uuid NOT NULL CONSTRAINT queue_policy_hall_key UNIQUE REFERENCES hall (id),
    opens_minutes smallint NOT NULL CONSTRAINT queue_policy_opens_check CHECK (opens_minutes BETWEEN 0 AND 1440),
    grace_minutes smallint NOT NULL CONSTRAINT queue_policy_grace_check CHECK (grace_minutes BETWEEN 0 AND 480),
    booked_minutes smallint NOT NULL CONSTRAINT queue_policy_booked_check CHECK (booked_minutes BETWEEN 0 AND 480),
    green_minutes smallint NOT NULL CONSTRAINT queue_policy_green_check CHECK (green_minutes BETWEEN 0 AND 480),
    green_age smallint NOT NULL CONSTRAINT queue_policy_age_check CHECK (green_age BETWEEN 50 AND 120),
    walk_in_from smallint NOT NULL,
    walk_in_until smallint NOT NULL,
    every_day boolean NOT NULL,
    taking boolean NOT NULL,
    CONSTRAINT queue_policy_hours_check CHECK (walk_in_from >= 0 AND walk_in_until > walk_in_from
        AND walk_in_until <= 1440)
);
CREATE TABLE window_duty (
    window_id uuid CONSTRAINT window_duty_pkey PRIMARY KEY REFERENCES "window" (id),
    hall_id uuid NOT NULL REFERENCES hall (id),
    staff_id uuid NOT NULL REFERENCES staff (id),
    day date NOT NULL,
    since timestamptz NOT NULL,
    paused boolean NOT NULL DEFAULT false
);
CREATE INDEX window_duty_hall_index ON window_duty (hall_id, day);
ALTER TABLE ticket
    ALTER thread_id DROP NOT NULL,
    ALTER person_id DROP NOT NULL,
    ADD item_id uuid REFERENCES item (id),
    ADD rank_at timestamptz,
    ADD promised_at timestamptz,
    ADD late boolean NOT NULL DEFAULT false,
    ADD green text CONSTRAINT ticket_green_check CHECK (green IN ('elder', 'disabled', 'pregnant', 'veteran')),
    ADD for_window_id uuid REFERENCES "window" (id),
    ADD note_sealed bytea,
    ADD code text CONSTRAINT ticket_code_key UNIQUE,
    ADD calls smallint NOT NULL DEFAULT 0,
    ADD joined_behind integer NOT NULL DEFAULT 0,
    DROP CONSTRAINT ticket_state_check,
    ADD CONSTRAINT ticket_state_check CHECK (state IN (
        'waiting', 'transferred', 'called', 'serving', 'held', 'skipped', 'done', 'abandoned')),
    ADD CONSTRAINT ticket_window_check CHECK (state NOT IN ('called', 'serving') OR window_id IS NOT NULL);
UPDATE ticket SET rank_at = place_at;
ALTER TABLE ticket ALTER rank_at SET NOT NULL;
DROP INDEX ticket_waiting_index, ticket_open_index;
CREATE INDEX ticket_line_index ON ticket (hall_id, day, rank_at, id) WHERE state IN ('waiting', 'transferred');
CREATE INDEX ticket_open_index ON ticket (day)
    WHERE state IN ('waiting', 'transferred', 'called', 'serving', 'held', 'skipped');
CREATE INDEX ticket_called_index ON ticket (hall_id, day, called_at) WHERE called_at IS NOT NULL;
CREATE UNIQUE INDEX ticket_person_key ON ticket (person_id, hall_id, day, (coalesce(item_id::text, skill)))
    WHERE person_id IS NOT NULL AND state IN ('waiting', 'transferred', 'called', 'serving', 'held', 'skipped');
"""

BACKWARD = """
DROP INDEX ticket_person_key, ticket_called_index, ticket_line_index, ticket_open_index;
DELETE FROM ticket WHERE thread_id IS NULL OR person_id IS NULL;
UPDATE ticket SET state = CASE state WHEN 'held' THEN 'skipped' ELSE 'waiting' END
    WHERE state IN ('held', 'transferred');
ALTER TABLE ticket
    DROP CONSTRAINT ticket_window_check,
    DROP CONSTRAINT ticket_state_check,
    ADD CONSTRAINT ticket_state_check CHECK (state IN (
        'waiting', 'called', 'serving', 'done', 'skipped', 'transferred', 'abandoned')),
    DROP joined_behind, DROP calls, DROP code, DROP note_sealed, DROP for_window_id, DROP green, DROP late,
    DROP promised_at, DROP rank_at, DROP item_id,
    ALTER person_id SET NOT NULL,
    ALTER thread_id SET NOT NULL;
CREATE INDEX ticket_waiting_index ON ticket (hall_id, day, skill, place_at, id) WHERE state = 'waiting';
CREATE INDEX ticket_open_index ON ticket (day) WHERE state IN ('waiting', 'called', 'serving', 'skipped');
DROP TABLE window_duty, queue_policy;
"""


class Migration(migrations.Migration):
    """What calling needs beyond a number."""

    dependencies = [("server", "0020_booking_rules")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
