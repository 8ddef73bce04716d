"""One table for every kind of rule that areas set for themselves, in place of one table a kind."""

from tortoise import migrations
from tortoise.migrations import operations as ops

TOGETHER = """
CREATE TABLE area_policy (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    kind text NOT NULL,
    region_code text NOT NULL,
    first_on date NOT NULL,
    last_on date,
    terms jsonb NOT NULL CONSTRAINT area_policy_terms_check CHECK (jsonb_typeof(terms) = 'object'),
    reason text NOT NULL,
    staff_id uuid REFERENCES staff (id),
    CONSTRAINT area_policy_key UNIQUE (kind, region_code, first_on),
    CONSTRAINT area_policy_last_check CHECK (last_on >= first_on)
);
INSERT INTO area_policy
    SELECT id, created_at, 'corrections', region_code, first_on, last_on,
        jsonb_build_object('least_days', least_days, 'usual_days', usual_days, 'most_days', most_days), reason, staff_id
    FROM correction_policy;
INSERT INTO area_policy
    SELECT id, created_at, 'pledges', region_code, first_on, last_on,
        jsonb_build_object('check_days', check_days, 'barred_days', barred_days), reason, staff_id
    FROM pledge_policy;
INSERT INTO area_policy
    SELECT id, created_at, 'rectifications', area, valid_from, NULL,
        jsonb_build_object('within_days', within_days, 'working', working, 'red_days', red_days,
            'call_back_days', call_back_days, 'judge_days', judge_days), reason, staff_id
    FROM rectification_clock WHERE area <> '';
DROP TABLE correction_policy, pledge_policy, rectification_clock;
"""

APART = """
CREATE TABLE correction_policy (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    region_code text NOT NULL,
    first_on date NOT NULL,
    last_on date,
    least_days smallint NOT NULL,
    usual_days smallint NOT NULL,
    most_days smallint NOT NULL,
    reason text NOT NULL,
    staff_id uuid REFERENCES staff (id),
    CONSTRAINT correction_policy_key UNIQUE (region_code, first_on),
    CONSTRAINT correction_policy_days_check CHECK (
        5 <= least_days AND least_days <= usual_days AND usual_days <= most_days AND most_days <= 120),
    CONSTRAINT correction_policy_last_check CHECK (last_on >= first_on)
);
CREATE TABLE pledge_policy (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    region_code text NOT NULL,
    first_on date NOT NULL,
    last_on date,
    check_days smallint NOT NULL,
    barred_days smallint NOT NULL,
    reason text NOT NULL,
    staff_id uuid REFERENCES staff (id),
    CONSTRAINT pledge_policy_key UNIQUE (region_code, first_on),
    CONSTRAINT pledge_policy_days_check CHECK (check_days BETWEEN 1 AND 250 AND barred_days BETWEEN 1 AND 1100),
    CONSTRAINT pledge_policy_last_check CHECK (last_on >= first_on)
);
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
    reason text NOT NULL DEFAULT '',
    staff_id uuid REFERENCES staff (id),
    CONSTRAINT rectification_clock_key UNIQUE (area, valid_from),
    CONSTRAINT rectification_clock_red_check CHECK (red_days BETWEEN 1 AND within_days)
);
INSERT INTO correction_policy
    SELECT id, created_at, region_code, first_on, last_on, (terms->>'least_days')::smallint,
        (terms->>'usual_days')::smallint, (terms->>'most_days')::smallint, reason, staff_id
    FROM area_policy WHERE kind = 'corrections';
INSERT INTO pledge_policy
    SELECT id, created_at, region_code, first_on, last_on, (terms->>'check_days')::smallint,
        (terms->>'barred_days')::smallint, reason, staff_id
    FROM area_policy WHERE kind = 'pledges';
INSERT INTO rectification_clock
    SELECT id, created_at, region_code, first_on, (terms->>'call_back_days')::smallint,
        (terms->>'within_days')::smallint, (terms->>'working')::boolean, (terms->>'red_days')::smallint,
        (terms->>'judge_days')::smallint, reason, staff_id
    FROM area_policy WHERE kind = 'rectifications';
INSERT INTO rectification_clock VALUES (gen_random_uuid(), now(), '', '2000-01-01', 1, 7, false, 5, 7);
DROP TABLE area_policy;
"""


class Migration(migrations.Migration):
    """Rules of areas."""

    dependencies = [("server", "0048_clock_reasons")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(TOGETHER, APART)]  # noqa: RUF012 - as above
