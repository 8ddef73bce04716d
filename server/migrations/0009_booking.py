"""Booking: when a hall takes people, how many at once, and who has which place."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE booking_policy (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    hall_id uuid NOT NULL CONSTRAINT booking_policy_hall_key UNIQUE REFERENCES hall (id),
    confirmation text NOT NULL CONSTRAINT booking_policy_confirmation_check
        CHECK (confirmation IN ('staff', 'auto')),
    horizon_days smallint NOT NULL CONSTRAINT booking_policy_horizon_check CHECK (horizon_days BETWEEN 1 AND 90),
    cancel_minutes smallint NOT NULL CONSTRAINT booking_policy_cancel_check CHECK (cancel_minutes >= 0),
    per_person_day smallint NOT NULL CONSTRAINT booking_policy_per_day_check CHECK (per_person_day > 0)
);
CREATE TABLE slot_rule (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    hall_id uuid NOT NULL REFERENCES hall (id),
    skill text NOT NULL,
    weekday smallint NOT NULL CONSTRAINT slot_rule_weekday_check CHECK (weekday BETWEEN 0 AND 6),
    opens smallint NOT NULL,
    closes smallint NOT NULL,
    minutes smallint NOT NULL CONSTRAINT slot_rule_minutes_check CHECK (minutes BETWEEN 5 AND 480),
    capacity integer NOT NULL CONSTRAINT slot_rule_capacity_check CHECK (capacity > 0),
    CONSTRAINT slot_rule_hours_check CHECK (opens >= 0 AND closes > opens AND closes <= 1440),
    CONSTRAINT slot_rule_start_key UNIQUE (hall_id, skill, weekday, opens)
);
CREATE TABLE slot (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    hall_id uuid NOT NULL REFERENCES hall (id),
    skill text NOT NULL,
    day date NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    capacity integer NOT NULL,
    taken integer NOT NULL DEFAULT 0,
    CONSTRAINT slot_taken_check CHECK (taken BETWEEN 0 AND capacity),
    CONSTRAINT slot_hours_check CHECK (ends_at > starts_at),
    CONSTRAINT slot_start_key UNIQUE (hall_id, skill, starts_at)
) WITH (fillfactor = 70);
CREATE INDEX slot_day_index ON slot (hall_id, skill, day);
CREATE TABLE booking (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    thread_id uuid NOT NULL REFERENCES thread (id),
    slot_id uuid NOT NULL REFERENCES slot (id),
    hall_id uuid NOT NULL REFERENCES hall (id),
    item_id uuid NOT NULL REFERENCES item (id),
    guide_id uuid NOT NULL REFERENCES guide (id),
    day date NOT NULL,
    person_id uuid NOT NULL REFERENCES person (id),
    enterprise_id uuid REFERENCES enterprise (id),
    account_id uuid REFERENCES account (id),
    state text NOT NULL CONSTRAINT booking_state_check CHECK (state IN (
        'held', 'requested', 'confirmed', 'checked_in', 'served', 'declined', 'cancelled', 'no_show', 'expired')),
    code text CONSTRAINT booking_code_key UNIQUE,
    declined_reason_sealed bytea,
    ticked jsonb NOT NULL DEFAULT '[]'
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX booking_live_key ON booking (person_id, day, item_id)
    WHERE state IN ('held', 'requested', 'confirmed', 'checked_in');
CREATE INDEX booking_person_index ON booking (person_id, created_at DESC);
CREATE INDEX booking_enterprise_index ON booking (enterprise_id) WHERE enterprise_id IS NOT NULL;
CREATE INDEX booking_desk_index ON booking (hall_id, day, state);
CREATE INDEX booking_overdue_index ON booking (day) WHERE state IN ('held', 'requested', 'confirmed');
CREATE INDEX booking_thread_index ON booking (thread_id);
CREATE INDEX booking_slot_index ON booking (slot_id);
"""

BACKWARD = "DROP TABLE booking, slot, slot_rule, booking_policy"


class Migration(migrations.Migration):
    """Tables of the booking feature."""

    dependencies = [("server", "0008_certificates")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
