"""Queue: one ticket for one visit, called to one window."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE ticket_counter (
    hall_id uuid NOT NULL REFERENCES hall (id),
    day date NOT NULL,
    prefix text NOT NULL,
    last integer NOT NULL,
    CONSTRAINT ticket_counter_pkey PRIMARY KEY (hall_id, day, prefix)
);
CREATE TABLE ticket (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    thread_id uuid NOT NULL REFERENCES thread (id),
    booking_id uuid CONSTRAINT ticket_booking_key UNIQUE REFERENCES booking (id),
    hall_id uuid NOT NULL REFERENCES hall (id),
    skill text NOT NULL,
    day date NOT NULL,
    place_at timestamptz NOT NULL,
    number text NOT NULL,
    state text NOT NULL CONSTRAINT ticket_state_check CHECK (state IN (
        'waiting', 'called', 'serving', 'done', 'skipped', 'transferred', 'abandoned')),
    person_id uuid NOT NULL REFERENCES person (id),
    window_id uuid REFERENCES "window" (id),
    served_by uuid REFERENCES staff (id),
    called_at timestamptz,
    finished_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT ticket_number_key UNIQUE (hall_id, day, number)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX ticket_window_key ON ticket (window_id) WHERE state IN ('called', 'serving');
CREATE INDEX ticket_waiting_index ON ticket (hall_id, day, skill, place_at, id) WHERE state = 'waiting';
CREATE INDEX ticket_open_index ON ticket (day) WHERE state IN ('waiting', 'called', 'serving', 'skipped');
CREATE INDEX ticket_thread_index ON ticket (thread_id);
"""

BACKWARD = "DROP TABLE ticket, ticket_counter"


class Migration(migrations.Migration):
    """Tables of the queue feature."""

    dependencies = [("server", "0009_booking")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
