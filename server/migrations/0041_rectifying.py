"""Rectifying: the clocks of an area as rows, what was done about a bad rating, and ratings left out by two officers."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# The longest area code that begins a department's decides. Days of `within_days` are calendar days, as 咸宁 art. 36(3)
# says 日; other places count working days.
CLOCKS = """
CREATE TABLE rectification_clock (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    area text NOT NULL,
    valid_from date NOT NULL,
    call_back_days smallint NOT NULL CONSTRAINT rectification_clock_call_check CHECK (call_back_days BETWEEN 1 AND 30),
    within_days smallint NOT NULL CONSTRAINT rectification_clock_within_check CHECK (within_days BETWEEN 1 AND 90),
    working boolean NOT NULL,
    red_days smallint NOT NULL,
    judge_days smallint NOT NULL CONSTRAINT rectification_clock_judge_check CHECK (judge_days BETWEEN 1 AND 90),
    CONSTRAINT rectification_clock_key UNIQUE (area, valid_from),
    CONSTRAINT rectification_clock_red_check CHECK (red_days BETWEEN 1 AND within_days)
);
INSERT INTO rectification_clock VALUES (gen_random_uuid(), now(), '', '2000-01-01', 1, 7, false, 5, 7);
"""

WORK = """
ALTER TABLE rectification DROP CONSTRAINT rectification_state_check;
ALTER TABLE rectification
    ADD CONSTRAINT rectification_state_check CHECK (state IN (
        'assigned', 'verified', 'rectified', 'answered', 'reopened', 'closed', 'excluded')),
    ADD COLUMN red_on date,
    ADD COLUMN call_back_on date,
    ADD COLUMN called_back_at timestamptz,
    ADD COLUMN founded boolean,
    ADD COLUMN answer_sealed bytea,
    ADD COLUMN answered_at timestamptz,
    ADD COLUMN judge_until date,
    ADD COLUMN reopened_at timestamptz,
    ADD COLUMN escalated_at timestamptz,
    ADD COLUMN closed_at timestamptz,
    ADD COLUMN satisfied boolean;
UPDATE rectification SET red_on = greatest(due_on - 2, started_on);
ALTER TABLE rectification
    ALTER COLUMN red_on SET NOT NULL,
    ADD CONSTRAINT rectification_answer_check CHECK (state NOT IN ('answered', 'closed') OR answered_at IS NOT NULL),
    ADD CONSTRAINT rectification_reopened_check CHECK (state <> 'reopened' OR reopened_at IS NOT NULL),
    ADD CONSTRAINT rectification_closed_check CHECK ((closed_at IS NOT NULL) = (state IN ('closed', 'excluded')));
CREATE INDEX rectification_open_index ON rectification (due_on) WHERE closed_at IS NULL;
CREATE TABLE rectification_deed (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    rectification_id uuid NOT NULL REFERENCES rectification (id),
    deed text NOT NULL,
    staff_id uuid REFERENCES staff (id),
    words_sealed bytea
);
CREATE INDEX rectification_deed_index ON rectification_deed (rectification_id, created_at);
"""

EXCLUSIONS = """
CREATE TABLE rating_exclusion (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    rating_id uuid NOT NULL REFERENCES rating (id),
    kind text NOT NULL CONSTRAINT rating_exclusion_kind_check CHECK (kind IN ('malicious', 'mistaken')),
    asked_by uuid NOT NULL REFERENCES staff (id),
    reason_sealed bytea NOT NULL,
    decided_at timestamptz,
    decided_by uuid REFERENCES staff (id),
    granted boolean,
    CONSTRAINT rating_exclusion_two_check CHECK (decided_by <> asked_by),
    CONSTRAINT rating_exclusion_decided_check CHECK (
        (decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (granted IS NULL))
);
CREATE UNIQUE INDEX rating_exclusion_open_key ON rating_exclusion (rating_id) WHERE decided_at IS NULL;
CREATE UNIQUE INDEX rating_exclusion_granted_key ON rating_exclusion (rating_id) WHERE granted;
"""

BACKWARD = """
DROP TABLE rating_exclusion, rectification_deed, rectification_clock;
DROP INDEX rectification_open_index;
UPDATE rectification SET state = 'closed' WHERE state = 'excluded';
ALTER TABLE rectification DROP CONSTRAINT rectification_state_check, DROP CONSTRAINT rectification_answer_check,
    DROP CONSTRAINT rectification_reopened_check, DROP CONSTRAINT rectification_closed_check,
    DROP COLUMN red_on, DROP COLUMN call_back_on, DROP COLUMN called_back_at, DROP COLUMN founded,
    DROP COLUMN answer_sealed, DROP COLUMN answered_at, DROP COLUMN judge_until, DROP COLUMN reopened_at,
    DROP COLUMN escalated_at, DROP COLUMN closed_at, DROP COLUMN satisfied,
    ADD CONSTRAINT rectification_state_check CHECK (state IN (
        'assigned', 'verified', 'rectified', 'answered', 'closed', 'reopened', 'escalated'));
"""


class Migration(migrations.Migration):
    """What becomes of a bad rating."""

    dependencies = [("server", "0040_pledges")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(CLOCKS + WORK + EXCLUSIONS, BACKWARD)]  # noqa: RUF012 - as above
