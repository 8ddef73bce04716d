"""Thread: the public number, its timeline that only grows, its clocks, and the tokens behind every QR."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE SEQUENCE thread_serial MINVALUE 0 MAXVALUE 999999 CYCLE;
CREATE TABLE thread (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    number text NOT NULL CONSTRAINT thread_number_key UNIQUE
        CONSTRAINT thread_number_check CHECK (number ~ '^[0-9]{19}$'),
    region_code text NOT NULL REFERENCES region (code),
    item_id uuid NOT NULL REFERENCES item (id),
    title text NOT NULL,
    person_id uuid REFERENCES person (id),
    enterprise_id uuid REFERENCES enterprise (id),
    account_id uuid REFERENCES account (id),
    tail_index bytea,
    state text NOT NULL DEFAULT 'open' CONSTRAINT thread_state_check CHECK (state IN ('open', 'closed')),
    status text,
    status_data jsonb NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL,
    CONSTRAINT thread_party_check CHECK (num_nonnulls(person_id, enterprise_id) > 0)
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX thread_live_key ON thread ((coalesce(enterprise_id, person_id)), item_id) WHERE state = 'open';
CREATE INDEX thread_person_index ON thread (person_id, created_at DESC);
CREATE INDEX thread_enterprise_index ON thread (enterprise_id, created_at DESC) WHERE enterprise_id IS NOT NULL;
CREATE INDEX thread_account_index ON thread (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX thread_item_index ON thread (item_id);

CREATE TABLE step (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    thread_id uuid NOT NULL REFERENCES thread (id),
    at timestamptz NOT NULL,
    name text NOT NULL CONSTRAINT step_name_check CHECK (name ~ '^[a-z_]+[.][a-z_]+$'),
    actor_kind text NOT NULL CONSTRAINT step_actor_check
        CHECK (actor_kind IN ('citizen', 'staff', 'system', 'anonymous')),
    actor_id uuid,
    data jsonb NOT NULL DEFAULT '{}'
);
-- Steps of one thread are written days apart and lie far apart: what a stranger sees of them is in the index.
CREATE INDEX step_thread_index ON step (thread_id, id) INCLUDE (at, name, actor_kind);
CREATE FUNCTION step_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a step of a timeline is never changed or removed' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER step_stays BEFORE UPDATE OR DELETE ON step FOR EACH ROW EXECUTE FUNCTION step_stays();

CREATE TABLE clock (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    thread_id uuid NOT NULL REFERENCES thread (id),
    kind text NOT NULL CONSTRAINT clock_kind_check CHECK (kind IN ('receive', 'decide', 'deliver')),
    started_on date NOT NULL,
    promise_on date NOT NULL,
    law_on date NOT NULL,
    state text NOT NULL DEFAULT 'running' CONSTRAINT clock_state_check
        CHECK (state IN ('running', 'paused', 'stopped')),
    stopped_on date,
    CONSTRAINT clock_promise_check CHECK (promise_on <= law_on),
    CONSTRAINT clock_start_check CHECK (started_on <= promise_on),
    CONSTRAINT clock_stop_check CHECK ((state = 'stopped') = (stopped_on IS NOT NULL))
);
CREATE UNIQUE INDEX clock_running_key ON clock (thread_id, kind) WHERE state <> 'stopped';
CREATE INDEX clock_thread_index ON clock (thread_id);
CREATE INDEX clock_due_index ON clock (promise_on) WHERE state = 'running';

CREATE TABLE code (
    token text PRIMARY KEY CONSTRAINT code_token_check CHECK (length(token) BETWEEN 22 AND 32),
    created_at timestamptz NOT NULL,
    kind text NOT NULL CONSTRAINT code_kind_check CHECK (kind ~ '^[a-z_]+$'),
    subject_id uuid NOT NULL,
    thread_id uuid REFERENCES thread (id),
    expires_at timestamptz,
    revoked_at timestamptz,
    used_at timestamptz
);
CREATE INDEX code_subject_index ON code (subject_id, kind);
CREATE INDEX code_thread_index ON code (thread_id) WHERE thread_id IS NOT NULL;
CREATE INDEX code_expiry_index ON code (expires_at) WHERE expires_at IS NOT NULL;
"""

BACKWARD = """
DROP TABLE code, clock, step, thread;
DROP FUNCTION step_stays();
DROP SEQUENCE thread_serial;
"""


class Migration(migrations.Migration):
    """Tables of the thread."""

    dependencies = [("server", "0004_catalogue")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
