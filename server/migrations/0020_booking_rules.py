"""Booking: limits that cannot be raced past, holds, the waitlist, no-shows and their appeals, a calendar per hall."""

from tortoise import migrations
from tortoise.migrations import operations as ops

RULES = """
ALTER TABLE booking_policy
    ADD COLUMN per_person_item smallint NOT NULL DEFAULT 1
        CONSTRAINT booking_policy_per_item_check CHECK (per_person_item > 0),
    ADD COLUMN per_person smallint NOT NULL DEFAULT 3
        CONSTRAINT booking_policy_per_person_check CHECK (per_person > 0),
    ADD COLUMN hold_minutes smallint NOT NULL DEFAULT 10
        CONSTRAINT booking_policy_hold_check CHECK (hold_minutes BETWEEN 1 AND 60),
    ADD COLUMN offer_minutes smallint NOT NULL DEFAULT 30
        CONSTRAINT booking_policy_offer_check CHECK (offer_minutes BETWEEN 5 AND 1440),
    ADD COLUMN release_minute smallint NOT NULL DEFAULT 0
        CONSTRAINT booking_policy_release_check CHECK (release_minute BETWEEN 0 AND 1439),
    ADD COLUMN no_show_limit smallint NOT NULL DEFAULT 3
        CONSTRAINT booking_policy_no_show_check CHECK (no_show_limit > 0),
    ADD COLUMN no_show_days smallint NOT NULL DEFAULT 90
        CONSTRAINT booking_policy_window_check CHECK (no_show_days > 0),
    ADD COLUMN blocked_days smallint NOT NULL DEFAULT 30
        CONSTRAINT booking_policy_blocked_check CHECK (blocked_days > 0);

-- Grows by one whenever somebody takes a place: whoever counted their bookings before that counts again.
CREATE TABLE booker (
    person_id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    version integer NOT NULL
) WITH (fillfactor = 70);

ALTER TABLE slot
    ADD COLUMN closed boolean NOT NULL DEFAULT false,
    ADD COLUMN closed_reason text;
ALTER TABLE booking
    ADD COLUMN hold_until timestamptz,
    ADD COLUMN reminded smallint NOT NULL DEFAULT 0 CONSTRAINT booking_reminded_check CHECK (reminded BETWEEN 0 AND 2),
    ADD COLUMN offer text CONSTRAINT booking_offer_check CHECK (offer IN ('hall', 'waitlist')),
    ADD COLUMN excused_at timestamptz,
    ADD CONSTRAINT booking_hold_check CHECK (state <> 'held' OR hold_until IS NOT NULL);
CREATE INDEX booking_hold_index ON booking (hold_until) WHERE state = 'held';

CREATE TABLE waitlist (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    hall_id uuid NOT NULL REFERENCES hall (id),
    item_id uuid NOT NULL REFERENCES item (id),
    skill text NOT NULL,
    day date NOT NULL,
    person_id uuid NOT NULL REFERENCES person (id),
    enterprise_id uuid REFERENCES enterprise (id),
    account_id uuid REFERENCES account (id),
    state text NOT NULL CONSTRAINT waitlist_state_check CHECK (state IN
        ('waiting', 'offered', 'taken', 'lapsed', 'left')),
    booking_id uuid REFERENCES booking (id),
    CONSTRAINT waitlist_offer_check CHECK (state NOT IN ('offered', 'taken') OR booking_id IS NOT NULL)
);
CREATE UNIQUE INDEX waitlist_live_key ON waitlist (person_id, item_id, hall_id, day)
    WHERE state IN ('waiting', 'offered');
CREATE INDEX waitlist_next_index ON waitlist (hall_id, skill, day, created_at) WHERE state = 'waiting';
CREATE UNIQUE INDEX waitlist_booking_key ON waitlist (booking_id) WHERE booking_id IS NOT NULL;

CREATE TABLE appeal (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    booking_id uuid NOT NULL CONSTRAINT appeal_booking_key UNIQUE REFERENCES booking (id),
    hall_id uuid NOT NULL REFERENCES hall (id),
    reason_sealed bytea NOT NULL,
    state text NOT NULL CONSTRAINT appeal_state_check CHECK (state IN ('open', 'granted', 'refused')),
    answered_at timestamptz,
    staff_id uuid REFERENCES staff (id),
    CONSTRAINT appeal_answer_check CHECK ((state = 'open') = (answered_at IS NULL))
);
CREATE INDEX appeal_open_index ON appeal (hall_id, created_at) WHERE state = 'open';

-- What differs from the base week between two days: shut, open besides, or another week for a season.
CREATE TABLE hall_change (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    hall_id uuid NOT NULL REFERENCES hall (id),
    kind text NOT NULL CONSTRAINT hall_change_kind_check CHECK (kind IN ('closed', 'special', 'season')),
    first_on date NOT NULL,
    last_on date NOT NULL,
    skill text,
    weekdays smallint[] NOT NULL DEFAULT '{0,1,2,3,4,5,6}',
    opens smallint,
    closes smallint,
    minutes smallint,
    capacity integer,
    reason text NOT NULL,
    ended_at timestamptz,
    CONSTRAINT hall_change_days_check CHECK (last_on >= first_on),
    CONSTRAINT hall_change_hours_check CHECK (opens IS NULL OR (opens >= 0 AND closes > opens AND closes <= 1440)),
    CONSTRAINT hall_change_places_check CHECK (kind = 'closed'
        OR (num_nonnulls(skill, opens, closes, minutes, capacity) = 5 AND minutes BETWEEN 5 AND 480 AND capacity > 0))
);
CREATE INDEX hall_change_index ON hall_change (hall_id, first_on) WHERE ended_at IS NULL;
"""

# A crowd that books writes eight rows each, and every reference of a row is a look-up and a lock of another row: more
# than a third of the work. So what the hot tables name is kept by the other side: it is never deleted.
LIGHTER = """
ALTER TABLE thread DROP CONSTRAINT thread_region_code_fkey, DROP CONSTRAINT thread_item_id_fkey,
    DROP CONSTRAINT thread_person_id_fkey, DROP CONSTRAINT thread_enterprise_id_fkey,
    DROP CONSTRAINT thread_account_id_fkey;
ALTER TABLE booking DROP CONSTRAINT booking_hall_id_fkey, DROP CONSTRAINT booking_item_id_fkey,
    DROP CONSTRAINT booking_guide_id_fkey, DROP CONSTRAINT booking_person_id_fkey,
    DROP CONSTRAINT booking_enterprise_id_fkey, DROP CONSTRAINT booking_account_id_fkey,
    DROP CONSTRAINT booking_thread_id_fkey, DROP CONSTRAINT booking_slot_id_fkey, DROP CONSTRAINT booking_code_key;
ALTER TABLE step DROP CONSTRAINT step_thread_id_fkey;
ALTER TABLE code DROP CONSTRAINT code_thread_id_fkey;
ALTER TABLE inbox DROP CONSTRAINT inbox_person_id_fkey, DROP CONSTRAINT inbox_enterprise_id_fkey,
    DROP CONSTRAINT inbox_account_id_fkey, DROP CONSTRAINT inbox_thread_id_fkey;
ALTER TABLE outbox DROP CONSTRAINT outbox_account_id_fkey, DROP CONSTRAINT outbox_person_id_fkey,
    DROP CONSTRAINT outbox_inbox_id_fkey;
CREATE FUNCTION row_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never removed: others name them', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER row_stays BEFORE DELETE ON thread FOR EACH ROW EXECUTE FUNCTION row_stays();
CREATE TRIGGER row_stays BEFORE DELETE ON slot FOR EACH ROW EXECUTE FUNCTION row_stays();
CREATE TRIGGER row_stays BEFORE DELETE ON booking FOR EACH ROW EXECUTE FUNCTION row_stays();
CREATE TRIGGER row_stays BEFORE DELETE ON hall FOR EACH ROW EXECUTE FUNCTION row_stays();
CREATE TRIGGER row_stays BEFORE DELETE ON item FOR EACH ROW EXECUTE FUNCTION row_stays();
CREATE TRIGGER row_stays BEFORE DELETE ON guide FOR EACH ROW EXECUTE FUNCTION row_stays();
CREATE TRIGGER row_stays BEFORE DELETE ON person FOR EACH ROW EXECUTE FUNCTION row_stays();
CREATE TRIGGER row_stays BEFORE DELETE ON account FOR EACH ROW EXECUTE FUNCTION row_stays();
CREATE TRIGGER row_stays BEFORE DELETE ON enterprise FOR EACH ROW EXECUTE FUNCTION row_stays();
CREATE TRIGGER row_stays BEFORE DELETE ON region FOR EACH ROW EXECUTE FUNCTION row_stays();
"""

BACKWARD = """
DROP FUNCTION row_stays() CASCADE;
ALTER TABLE thread ADD CONSTRAINT thread_region_code_fkey FOREIGN KEY (region_code) REFERENCES region (code),
    ADD CONSTRAINT thread_item_id_fkey FOREIGN KEY (item_id) REFERENCES item (id),
    ADD CONSTRAINT thread_person_id_fkey FOREIGN KEY (person_id) REFERENCES person (id),
    ADD CONSTRAINT thread_enterprise_id_fkey FOREIGN KEY (enterprise_id) REFERENCES enterprise (id),
    ADD CONSTRAINT thread_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (id);
ALTER TABLE booking ADD CONSTRAINT booking_hall_id_fkey FOREIGN KEY (hall_id) REFERENCES hall (id),
    ADD CONSTRAINT booking_item_id_fkey FOREIGN KEY (item_id) REFERENCES item (id),
    ADD CONSTRAINT booking_guide_id_fkey FOREIGN KEY (guide_id) REFERENCES guide (id),
    ADD CONSTRAINT booking_person_id_fkey FOREIGN KEY (person_id) REFERENCES person (id),
    ADD CONSTRAINT booking_enterprise_id_fkey FOREIGN KEY (enterprise_id) REFERENCES enterprise (id),
    ADD CONSTRAINT booking_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (id),
    ADD CONSTRAINT booking_thread_id_fkey FOREIGN KEY (thread_id) REFERENCES thread (id),
    ADD CONSTRAINT booking_slot_id_fkey FOREIGN KEY (slot_id) REFERENCES slot (id),
    ADD CONSTRAINT booking_code_key UNIQUE (code);
ALTER TABLE step ADD CONSTRAINT step_thread_id_fkey FOREIGN KEY (thread_id) REFERENCES thread (id);
ALTER TABLE code ADD CONSTRAINT code_thread_id_fkey FOREIGN KEY (thread_id) REFERENCES thread (id);
ALTER TABLE inbox ADD CONSTRAINT inbox_person_id_fkey FOREIGN KEY (person_id) REFERENCES person (id),
    ADD CONSTRAINT inbox_enterprise_id_fkey FOREIGN KEY (enterprise_id) REFERENCES enterprise (id),
    ADD CONSTRAINT inbox_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (id),
    ADD CONSTRAINT inbox_thread_id_fkey FOREIGN KEY (thread_id) REFERENCES thread (id);
ALTER TABLE outbox ADD CONSTRAINT outbox_account_id_fkey FOREIGN KEY (account_id) REFERENCES account (id),
    ADD CONSTRAINT outbox_person_id_fkey FOREIGN KEY (person_id) REFERENCES person (id),
    ADD CONSTRAINT outbox_inbox_id_fkey FOREIGN KEY (inbox_id) REFERENCES inbox (id);
DROP TABLE hall_change, appeal, waitlist, booker;
ALTER TABLE booking DROP COLUMN hold_until, DROP COLUMN reminded, DROP COLUMN offer, DROP COLUMN excused_at;
ALTER TABLE slot DROP COLUMN closed, DROP COLUMN closed_reason;
ALTER TABLE booking_policy DROP COLUMN per_person_item, DROP COLUMN per_person, DROP COLUMN hold_minutes,
    DROP COLUMN offer_minutes, DROP COLUMN release_minute, DROP COLUMN no_show_limit, DROP COLUMN no_show_days,
    DROP COLUMN blocked_days;
"""


class Migration(migrations.Migration):
    """Rules and calendar of booking."""

    dependencies = [("server", "0019_people_reached")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(RULES + LIGHTER, BACKWARD)]  # noqa: RUF012 - as above
